"""Running it: `demo`, `serve`, `worker`, `manage`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from pathlib import Path
from typing import Annotated

import typer

from huoshui.core.errors import Refused
from huoshui.project import boot
from huoshui.project.commands.output import say

_STOP_SECONDS = 15
# So many ends in so many seconds, and something is wrong that another start will not mend
_ENDS, _ENDS_WITHIN = 5, 60.0


# Of all processes together, and the least of one. Most of those who ask at once wait for `core.gather`, which carries them out
# together, the more the cheaper; on other pages each has a database connection, of which the embedded server has 120.
THREADS, LEAST_THREADS = 48, 16


def register(app: typer.Typer) -> None:
    app.command()(demo)
    app.command()(serve)
    app.command()(worker)
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(manage)


def serve(
    host: Annotated[str, typer.Option(help="听哪个地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT", help="听哪个端口")] = 8000,
    workers: Annotated[int, typer.Option(help="几个进程")] = 1,
) -> None:
    """启动网页。"""
    boot.boot("web", with_owner=True)
    boot.migrate_if_needed()
    from django.conf import settings

    # Collected files, where somebody has collected any; their absence is not worth a warning
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
    threads = max(THREADS // workers, LEAST_THREADS)
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", str(threads), "--no-ws", "--log-level", "warning"),
        "huoshui.project.wsgi:application",
    ]
    os.environ.pop("HUOSHUI_OWNER_URL", None)
    os.execv(sys.executable, command)


def worker(concurrency: Annotated[int, typer.Option(help="同时做几件事")] = 2) -> None:
    """启动后台任务。"""
    boot.boot("river")
    boot.keep_database_up()
    from django.core.management import call_command

    from huoshui.core import priority

    priority.lower_this_process()
    call_command("procrastinate", "worker", concurrency=concurrency)


def manage(context: typer.Context) -> None:
    """Django 自己的管理命令。"""
    boot.boot("river", with_owner=True)
    from django.core.management import execute_from_command_line

    if context.args[:1] == ["migrate"] and len(context.args) == 1:
        boot.migrate()
        return
    execute_from_command_line(["huoshui manage", *context.args])


def demo() -> None:
    """从零到可以登录的演示。SERVE=0 只准备数据；PORT、WORLD、PEOPLE、UNTIL、SEED、HUOSHUI_HOME 可改。"""
    from huoshui.project.demo import BRANDS, chosen, prepare

    world = chosen(os.environ.get("WORLD"))
    os.environ["HUOSHUI_DEMO"] = "1"
    os.environ.setdefault("HUOSHUI_BRAND", BRANDS[world])
    logins = prepare(world)
    if os.environ.get("SERVE", "1") == "0":
        say.print("数据已经备好（SERVE=0，不启动网页）。")
        return
    port = int(os.environ.get("PORT", "8000"))
    _serve_until_stopped(port, logins)


def _serve_until_stopped(port: int, logins: list[tuple[str, str, str]]) -> None:
    huoshui = str(Path(sys.executable).with_name("huoshui"))
    commands = [[huoshui, "serve", "--port", str(port)], [huoshui, "worker"]]
    if os.environ.get("HUOSHUI_MQTT_URL"):
        commands.append([huoshui, "devices", "listen"])
    children = [subprocess.Popen(command) for command in commands]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        _wait_until_up(port, children[0])
        say.print(f"\n[bold]活水已经打开：http://127.0.0.1:{port}/[/bold]")
        for role, name, password in logins:
            say.print(f"  {role}：账号 {name}　密码 {password}")
        say.print("按 Ctrl+C 停止。")
        _keep_running(commands, children)
    except KeyboardInterrupt:
        say.print("正在停止 …")
    finally:
        for child in children:
            child.terminate()
        for child in children:
            try:
                child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()


def _keep_running(commands: list[list[str]], children: list[subprocess.Popen[bytes]]) -> None:
    """Start again what ends, as a service manager would: a worker ends when it has lost its database."""
    ends: deque[float] = deque(maxlen=_ENDS)
    while True:
        time.sleep(1)
        for place, child in enumerate(children):
            if child.poll() is None:
                continue
            ends.append(time.monotonic())
            if len(ends) == _ENDS and ends[-1] - ends[0] < _ENDS_WITHIN:
                raise Refused("网页或后台任务一再停下，请看上面的提示。")
            children[place] = subprocess.Popen(commands[place])


def _wait_until_up(port: int, web: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if web.poll() is not None:
            raise Refused(f"网页没有启动成功。端口 {port} 可能已被占用，可以换一个：PORT=8001 make demo")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise Refused("网页一分钟内没有启动好。")
