from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "huoshui.people.identity"
    label = "identity"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.people.identity import holding, reads

        registry.state_source("identity", reads.cluster_changes)
        registry.expiry("identity.devices", holding.EXPIRY)
