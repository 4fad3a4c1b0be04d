"""Forms over something that others may save at the same time."""

from collections.abc import Callable

from django import forms

from environments.models import Project
from environments.saving import SavedMeanwhile, save_unmoved
from gitopshq.core.forms import RefusableForm


class VersionedForm(RefusableForm):
    """Carries the version that was shown.

    When that has moved, nothing is saved, what was typed stays, and the form carries
    the version of now: sending it again means it.
    """

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def saves(
        self, project: Project, *, now: Callable[[], str], step: Callable[[], object]
    ) -> bool:
        """Take *step* unless the version moved; say whether it was taken.

        :param now: reads the version as it is
        """
        saved = self.accepts(
            lambda: save_unmoved(
                project, shown=self.cleaned_data["version"], now=now, step=step
            )
        )
        if self.is_moved:
            self.data = self.data.copy()
            self.data[self.add_prefix("version")] = now()
        return saved

    @property
    def is_moved(self) -> bool:
        """Whether somebody else saved since the form was shown."""
        return isinstance(self.refusal, SavedMeanwhile)
