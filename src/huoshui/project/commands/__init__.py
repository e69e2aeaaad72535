"""The commands of `huoshui`, one module a subject."""

from __future__ import annotations

import typer

from huoshui.project.commands import (
    analysis,
    data,
    devices,
    identity,
    keys,
    lake,
    matching,
    pickup,
    quarantine,
    retention,
    rights,
    running,
    segments,
    tracking,
    undoing,
)


def register(app: typer.Typer) -> None:
    for module in (running, data, undoing, analysis):
        module.register(app)
    app.add_typer(lake.app, name="lake")
    app.add_typer(keys.app, name="keys")
    app.add_typer(tracking.app, name="tracking")
    app.add_typer(pickup.app, name="pickup")
    app.add_typer(quarantine.app, name="quarantine")
    app.add_typer(rights.app, name="rights")
    app.add_typer(retention.app, name="retention")
    app.add_typer(devices.app, name="devices")
    app.add_typer(matching.app, name="match")
    app.add_typer(identity.app, name="identity")
    app.add_typer(segments.app, name="segment")
