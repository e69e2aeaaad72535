from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "huoshui.engage.campaigns"
    label = "campaigns"
