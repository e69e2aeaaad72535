"""What is refused of tags: statuses and English of the codes whose Chinese the room says."""

from __future__ import annotations

from collections.abc import Mapping

CONFLICTS = frozenset({"tag_version_old"})

ENGLISH: Mapping[str, str] = {
    "tag_text_wrong": "{field} is required, {most} characters at most.",
    "tag_name_wrong": "The name of a tag has no full stop.",
    "tag_category_deep": "A category has four levels at most, such as a/b.",
    "tag_key_wrong": "The key of a tag begins with a small letter and has small letters, digits and underscores only, such as"
    " baby_stage.",
    "tag_kind_unknown": "There is no such kind of tag.",
    "tag_two_ways": "A tag goes by rules or by weighed signals, not by both.",
    "tag_value_twice": "A value is there twice: {value}.",
    "tag_values_too_many": "A tag has {most} values at most.",
    "tag_flag_value": "A tag that one has or has not has one value alone (YES in Chinese); leave it out when giving it.",
    "tag_signals_missing": "There are no signals for {value} yet.",
    "tag_weight_wrong": "A signal for {value} weighs 1 to 1000 points.",
    "tag_enough_wrong": "{value} needs {enough} points, and all of its signals together have fewer.",
    "tag_measure_unknown": "There is no measure {measure}.",
    "tag_value_no_number": "The value of this tag is a number; {value} is none.",
    "tag_value_unknown": "This tag has no value {value}; there are: {known}.",
    "tag_lifetime_wrong": "A tag lasts 1 to {most} days; leave it out for one that lasts.",
    "tag_archived": "This tag is archived, and is neither changed nor switched on again. Define another.",
    "tag_off": "The tag {name} is not switched on; until then it is given to nobody.",
    "tag_by_machine": "A rule or weighed signals say this; it is not taken away alone. Change the rule, or give another value.",
    "tag_ended": "This was taken away before.",
    "tag_taken": "There is a tag with this key or name. Choose another.",
    "tag_version_old": "Somebody has just changed this tag. Read it first.",
    "tag_needs_consent": "This tag is sensitive: the customer has to consent to the use of sensitive data separately.",
}
