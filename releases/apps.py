from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    name = "releases"
    verbose_name = "Releases"

    def ready(self) -> None:
        from approvals import approvable
        from delivery.ports import on_rendered
        from environments import ports
        from environments.signals import source_changed
        from releases import (
            bells,
            tasks,  # noqa: F401  whoever rings finds them by name
        )
        from releases.actions.bumping import release_bump
        from releases.approval import APPROVABLE_RELEASE
        from releases.lapses import rejudge
        from releases.rendered import rendering_ended
        from releases.selectors import targets
        from releases.selectors.open_changes import open_changes

        approvable.register(APPROVABLE_RELEASE)
        on_rendered(rendering_ended)
        ports.users_of.register(targets.users_of)
        ports.target_facts.register(targets.target_facts)
        ports.open_changes.register(open_changes)
        ports.rejudge.register(rejudge)
        ports.releaser.register(release_bump)
        source_changed.connect(bells.look_again, dispatch_uid="releases.look_again")
