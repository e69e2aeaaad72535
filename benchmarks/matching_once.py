"""So many synthetic people laid out, compared and scored, once, in a process of its own: prints what it took as JSON."""

from __future__ import annotations

import argparse
import json
import resource
from time import process_time

from benchmarks.lookalikes import world
from huoshui.people.matching import comparing, rules
from huoshui.people.matching.splinking import Desk


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    given = parser.parse_args()
    alike = world(given.seed, records=given.people)
    told, made = alike.told, _peak()
    del alike
    spent = process_time()
    people = comparing.columns(told)
    columns = process_time() - spent
    desk = Desk(people)
    del people, told
    counted = desk.candidates()
    model = desk.learn()
    found = shown = 0
    for one in desk.score(model, at_least=0.5):
        found += 1
        shown += not rules.held_back(one.levels)
    figures = {
        "people": given.people,
        "pairs by key": counted,
        "pairs": sum(counted.values()),
        "pairs a person": round(sum(counted.values()) / given.people, 4),
        "people of too many with one key": desk.oversized,
        "learned": model.how,
        "pairs at 0.5 or more": found,
        "of these shown": shown,
        "CPU seconds of columns": round(columns, 1),
        "CPU seconds": round(process_time() - spent, 1),
        "MB when the people were made": made,
        "MB at most": _peak(),
    }
    desk.close()
    print(json.dumps(figures, ensure_ascii=False))


def _peak() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
