"""Which Kubernetes resources each target runs, for those who look for one by name."""

from django.db import models

from environments.models import TenantEnvironment


class DeployedResource(models.Model):
    """One file of what is deployed in a target: ``storefront/service-storefront.yaml``.

    Derived from the tree of the deployed release, and never the only record of it;
    ``DeployedState.listed_tree`` says of which tree.
    """

    target = models.ForeignKey(
        TenantEnvironment, models.CASCADE, related_name="resources"
    )
    path = models.CharField(max_length=400)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_file_per_resource", fields=["target", "path"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.path} in {self.target}"

    @property
    def unit(self) -> str:
        """The workload, overlay or set of manifests that it comes from."""
        return self.path.partition("/")[0]

    @property
    def kind_and_name(self) -> str:
        """As people call it: ``service/storefront``."""
        file = self.path.rpartition("/")[2].removesuffix(".yaml")
        return "/".join(file.split("-", 1))
