// Menus (<details class="menu">) close on Escape, and on a click or the focus elsewhere.
// Without this script they close by their own button.

function close(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

addEventListener("click", (event) => close(event.target.closest("details.menu")));

addEventListener("keydown", (event) => {
  const menu = document.activeElement?.closest("details.menu[open]");
  if (event.key !== "Escape") return;
  close(null);
  menu?.querySelector("summary").focus();
});

// What has the focus must not stand below a menu that was left open.
addEventListener("focusin", (event) => close(event.target.closest("details.menu")));
