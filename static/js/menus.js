// Menus (<details class="menu">) close on Escape and on a click elsewhere.
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
