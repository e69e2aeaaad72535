"""`huoshui`: the command line. Exit codes: 0 ok, 1 refused or failed with a one-line reason, 2 usage."""

from __future__ import annotations

import os
import sys

import typer
from rich.console import Console

from huoshui.core.errors import HuoshuiError

app = typer.Typer(no_args_is_help=True, add_completion=False, help="活水：品牌自己的顾客平台。")
say = Console(stderr=True, highlight=False)


def main() -> None:
    from huoshui.project import commands

    commands.register(app)
    try:
        app()
    except HuoshuiError as error:
        say.print(f"[red]×[/red] {error}", soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get("HUOSHUI_DEBUG") == "1":
            raise
        say.print(f"[red]×[/red] 没有做成：{error}（设置 HUOSHUI_DEBUG=1 可看详情）", soft_wrap=True)
        sys.exit(1)
