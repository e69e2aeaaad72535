"""The rules as they were at any place of the settlement order."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from typing import NamedTuple

from huoshui.core import sql
from huoshui.trade.commission import terms
from huoshui.trade.commission.terms import BRAND, EMPLOYER, BrandTerms, EmployerTerms

Q = sql.load("huoshui.trade.commission")


class Versions(NamedTuple):
    """Each list by the place from which it holds."""

    brands: list[BrandTerms]
    employers: dict[int, list[EmployerTerms]]

    @staticmethod
    def known() -> Versions:
        brands: list[BrandTerms] = []
        employers: dict[int, list[EmployerTerms]] = defaultdict(list)
        for r in sql.fetch(Q.versions):
            params = json.loads(r.params)
            if r.kind == "brand":
                brands.append(terms.read_brand(r.version, r.from_position, params))
            else:
                employers[r.employer_id].append(terms.read_employer(r.version, r.from_position, params))
        return Versions(brands, dict(employers))

    def brand(self, position: int) -> BrandTerms:
        place = bisect_right(self.brands, position, key=lambda t: t.from_position)
        return self.brands[place - 1] if place else BRAND

    def brand_version(self, version: int) -> BrandTerms:
        return next((t for t in self.brands if t.version == version), BRAND)

    def employer(self, employer_id: int, position: int) -> EmployerTerms:
        told = self.employers.get(employer_id, [])
        place = bisect_right(told, position, key=lambda t: t.from_position)
        return told[place - 1] if place else EMPLOYER
