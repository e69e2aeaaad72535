from __future__ import annotations

from django.apps import AppConfig

from huoshui.core.actor import Actor


class ApiConfig(AppConfig):
    name = "huoshui.web.api"
    label = "api"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry

        registry.actor_kind("source", _actor_of_source)


def _actor_of_source(source_id: int) -> Actor:
    # models are not yet there when this app is made
    from huoshui.web.api.keys import actor_of_source

    return actor_of_source(source_id)
