"""`huoshui devices …`: registered devices, their keys, and the process that listens to their broker."""

from __future__ import annotations

import signal
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from huoshui.project import boot
from huoshui.project.commands.output import print_json, print_table, say

app = typer.Typer(no_args_is_help=True, help="设备：登记、密钥、MQTT。")
AsJson = Annotated[bool, typer.Option("--json", help="结果用 JSON")]


@app.command()
def add(
    kind: Annotated[str, typer.Argument(help="scale、dispenser、counter 或 screen")],
    name: Annotated[str, typer.Argument(help="页面上叫什么")],
    store: Annotated[str, typer.Option(help="在哪个门店，写编码")] = "",
    rate: Annotated[int | None, typer.Option(help="每分钟最多多少条读数")] = None,
    as_json: AsJson = False,
) -> None:
    """登记一台设备。密钥只显示这一次。"""
    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    from huoshui.core.actor import SYSTEM
    from huoshui.intake.devices import api as devices

    made = devices.register(kind=kind, name=name, store_code=store, rate_per_minute=rate, actor=SYSTEM)
    _tell(made.device_id, made.code, made.token, as_json)


def _tell(device_id: int, code: str, token: str, as_json: bool) -> None:
    if as_json:
        print_json({"id": device_id, "code": code, "token": token})
        return
    say.print(f"设备编号 {code}。密钥请马上保存，它不会再显示：")
    print(token)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """有哪些设备。"""
    boot.boot("river")
    from huoshui.intake.devices import api as devices

    found = devices.list_devices()
    if as_json:
        print_json([asdict(one) for one in found])
        return
    rows = [
        (d.code, devices.KINDS[d.kind], d.name, d.store_code, d.taken, d.aside, d.dropped, d.last_seen_at)
        for d in found
    ]
    headers = ("编号", "", "名字", "门店", "读数", "没收下", "太快丢弃", "最近")
    print_table(headers, rows, right=[False] * 4 + [True] * 3 + [False])


@app.command()
def rotate(
    device: Annotated[int, typer.Argument(help="设备的 id，见 huoshui devices list --json")],
    as_json: AsJson = False,
) -> None:
    """换一把密钥，旧的几秒内停用。"""
    boot.boot("river")
    from huoshui.core.actor import SYSTEM
    from huoshui.intake.devices import api as devices

    made = devices.rotate_key(device, actor=SYSTEM)
    _tell(made.device_id, made.code, made.token, as_json)


Url = Annotated[str, typer.Option(envvar="HUOSHUI_MQTT_URL", help="mqtt://用户:密码@地址:1883")]


@app.command()
def broker(
    folder: Annotated[Path, typer.Argument(help="写到哪个文件夹")], url: Url, as_json: AsJson = False
) -> None:
    """写出 mosquitto 的配置、密码和权限；登记或停用设备后再写一次，然后让它重新读取。"""
    boot.boot("river")
    from huoshui.intake.devices import api as devices

    paths = [str(path) for path in devices.write_files(folder, devices.parse_broker(url))]
    if as_json:
        print_json(paths)
    else:
        say.print("写好了：" + "、".join(paths))


@app.command()
def listen(url: Url) -> None:
    """听设备经 MQTT 发来的读数，直到停止。"""
    boot.boot("river")
    boot.keep_database_up()
    from huoshui.intake.devices import api as devices

    listener = devices.Listener(devices.parse_broker(url))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: listener.stop())
    listener.run()
