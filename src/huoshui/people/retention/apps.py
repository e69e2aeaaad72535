from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "huoshui.people.retention"
    label = "retention"

    def ready(self) -> None:
        from huoshui.core.subscribers import Expiry, registry
        from huoshui.people.retention import idle

        registry.expiry(
            "people.idle",
            Expiry(
                label="久未往来的顾客",
                why="这么久没有买过、来过、同意过什么，也没有余额，留着号码已经没有用处。按注销办理：销售留下，不再知道是谁买的。",
                days=1_095,
                count=idle.count,
                take=idle.take,
            ),
        )
