"""`huoshui match …`: who may be one human, found by comparing."""

from __future__ import annotations

from typing import Annotated

import typer

from huoshui.project import boot
from huoshui.project.commands.output import print_json, print_table, say

app = typer.Typer(no_args_is_help=True, help="疑似同一人：比对、核对、自动合并的把握。")
AsJson = Annotated[bool, typer.Option("--json", help="结果用 JSON")]

_LEARNED = {
    "pairs": "已经确定的 {pairs:,} 对顾客",
    "em": "全部顾客自己的规律",
    "house": "通用的经验（顾客还不够多）",
}


@app.command()
def run(
    memory: Annotated[str, typer.Option(help="最多用多少内存")] = "2GB",
    as_json: AsJson = False,
) -> None:
    """把全部顾客比对一遍，可能是同一人的放进核对清单。"""
    boot.boot("river")
    boot.migrate_if_needed()
    from huoshui.core.actor import SYSTEM
    from huoshui.people import api as people

    done = people.matching.run(actor=SYSTEM, memory=memory)
    if as_json:
        print_json({name: getattr(done, name) for name in done.__dataclass_fields__})
        return
    say.print(
        f"比对了 {done.persons:,} 位顾客、{done.candidates:,} 对，按{_LEARNED[done.how].format(pairs=done.pairs)}判断。"
    )
    say.print(f"等待核对 {done.proposed:,} 对；自动合并 {done.linked:,} 对；不再疑似 {done.withdrawn:,} 对。")
    rows = [(people.matching_words.HELD[reason], count) for reason, count in done.held.items()]
    print_table(("为什么没有列出来", "多少对"), rows, right=[False, True])


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(help="最多看多少对")] = 20,
    as_json: AsJson = False,
) -> None:
    """等待核对的，最有把握的在前。"""
    boot.boot("river")
    from huoshui.core.actor import SYSTEM
    from huoshui.people import api as people

    found = people.matching_reads.queue(SYSTEM, limit=limit)
    if as_json:
        print_json(
            [
                {
                    "id": p.id,
                    "persons": [p.person_a, p.person_b],
                    "probability": p.probability,
                    "steps": [
                        {"what": s.name, "stands": s.level, "bits": s.bits} for s in p.steps if s.level
                    ],
                }
                for p in found
            ]
        )
        return
    rows = [
        (
            p.id,
            f"{p.probability:.1%}",
            p.person_a,
            p.person_b,
            "、".join(people.matching_reads.words(s)[1] for s in p.steps if s.level and s.bits > 0),
        )
        for p in found
    ]
    print_table(("编号", "把握", "顾客", "顾客", "依据"), rows, right=[True, True, True, True, False])


@app.command()
def decide(
    proposal_id: Annotated[int, typer.Argument(help="编号，list 里有")],
    answer: Annotated[str, typer.Argument(help="same 是同一人、different 不是、later 以后再看")],
    reason: Annotated[str, typer.Option(help="还想说明什么")] = "",
) -> None:
    """判断一对；是同一人就合并，随时可以撤销。"""
    boot.boot("river")
    from django.db import transaction

    from huoshui.core.actor import SYSTEM
    from huoshui.people import api as people

    with transaction.atomic():
        link_id = people.matching.decide(proposal_id, answer, actor=SYSTEM, reason=reason)
    say.print(f"已合并（依据 {link_id}）。" if link_id else "已记下。")


@app.command()
def auto(
    at: Annotated[
        float | None, typer.Argument(help="把握到多少自动合并，例如 0.999；不写只看现在怎样")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="关掉自动合并")] = False,
) -> None:
    """自动合并：人工判断得够多、够准才能打开。"""
    boot.boot("river")
    from django.db import transaction

    from huoshui.core.actor import SYSTEM
    from huoshui.people import api as people

    if at is not None or off:
        with transaction.atomic():
            people.matching.set_links_at(None if off else at, actor=SYSTEM)
    now = people.matching_reads.setting()
    say.print("自动合并没有打开。" if now.links_at is None else f"把握到 {now.links_at:.1%} 的自动合并。")
    rows = [
        (f"{m.at:.1%}", m.judged, f"{m.precision:.1%}" if m.judged else "—")
        for m in people.matching_reads.measured()
    ]
    print_table(("把握", "人工判断过", "是同一人"), rows, right=[True, True, True])
