"""Forms of sets of files: overlays and manifests, each file with its path and text."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms

from environments.editing import MAX_MESSAGE
from environments.forms.versioned import VersionedForm
from environments.models import TenantEnvironment, Workload
from gitopshq.core.errors import DomainError, FieldError
from gitopshq.core.forms import RefusableForm, worded

MOST_FILES: Final = 500
KINDS: Final = (("kustomize", "Kustomize overlay"), ("manifests", "Manifests"))


class NewFilesForm(RefusableForm):
    """Where a new set of files is to be; its editor asks for the files."""

    ids = "files"

    target = forms.ChoiceField()
    kind = forms.ChoiceField(choices=KINDS)
    name = forms.SlugField(max_length=40)

    def __init__(
        self, data: Any = None, *, targets: Iterable[TenantEnvironment], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.field("target").choices = [(str(t), str(t)) for t in targets]


class FileForm(forms.Form):
    """One file; an empty path is no file."""

    path = forms.CharField(max_length=255, required=False)
    text = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 9, "spellcheck": "false"}),
    )
    remove = forms.BooleanField(required=False, label="Remove this file")

    @property
    def is_kept(self) -> bool:
        given = self.cleaned_data
        return bool(given.get("path")) and not given.get("remove")


FileForms: Final = forms.formset_factory(FileForm, extra=0, max_num=MOST_FILES)


class FilesForm(VersionedForm):
    """A set of files as a whole. ``files`` is the formset beneath."""

    ids = "set"

    workload = forms.ModelChoiceField(
        queryset=Workload.objects.none(),
        required=False,
        empty_label="Standalone",
        help_text=(
            "Attached, it gets the workload's Helm output as workload.yaml, and its "
            "own output replaces the workload's."
        ),
    )
    message = forms.CharField(max_length=MAX_MESSAGE, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        texts: Mapping[str, str] | None = None,
        workloads: Any = None,
        more: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        if workloads is None:
            del self.fields["workload"]
        else:
            self.field("workload").queryset = workloads
        shown = [{"path": path, "text": text} for path, text in (texts or {}).items()]
        shown += [{"path": "", "text": ""}] * (more if data is None else 0)
        self.files_formset = FileForms(data, initial=shown, prefix="file")

    def is_valid(self) -> bool:
        """Check the files as well."""
        fine = super().is_valid() and self.files_formset.is_valid()
        if fine and (twice := self._twice()):
            self.add_error(None, f"{twice} stands twice")
            return False
        return fine

    @property
    def file_forms(self) -> list[FileForm]:
        return list(self.files_formset.forms)

    @property
    def texts(self) -> dict[str, str]:
        """The files to be saved, by path."""
        return {
            form.cleaned_data["path"]: form.cleaned_data["text"]
            for form in self.file_forms
            if form.is_kept
        }

    def refuse(self, refusal: DomainError) -> None:
        """Say what is wrong with a file at that file."""
        super().refuse(refusal)
        self.problems = [found for found in self.problems if not self._place(found)]

    def _place(self, error: FieldError) -> bool:
        """Put an error at the file it is about; say whether there is one."""
        path = error.pointer.removeprefix("/files/").replace("~1", "/")
        path = path.replace("~0", "~")
        for form in self.file_forms:
            if form.is_kept and form.cleaned_data["path"] == path:
                form.add_error("text" if error.line else "path", worded(error))
                return True
        return False

    def _twice(self) -> str:
        seen: set[str] = set()
        for form in self.file_forms:
            path = form.cleaned_data.get("path", "")
            if form.is_kept and path in seen:
                return str(path)
            seen.add(path)
        return ""
