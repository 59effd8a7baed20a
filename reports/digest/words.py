"""What the states of a digest are called, in Chinese and English: on the page and in the workbook alike."""

from __future__ import annotations

from collections.abc import Mapping

EVENTS: Mapping[str, tuple[str, str]] = {
    "new": ("新线索", "new"), "grown": ("增长", "grown"), "shrunk": ("缩减", "shrunk"), "merged": ("合并", "merged"), "split": ("拆分", "split"),
    "emptied": ("清空", "emptied"),
}  # fmt: skip
RUNS = {"finished": "完成", "failed": "失败", "interrupted": "中断", "running": "进行中"}
SOURCES = {
    "": "正常 ok", "silent": "静默 silent", "layout": "版面变化 layout", "drop": "骤减 drop", "unanswered": "无应答 no answer", "few": "偏少 few",
    "many": "偏多 many",
}  # fmt: skip
PRESENCE: Mapping[str, tuple[str, str]] = {
    "up": ("在线", "up"), "changed": ("有改动", "changed"), "gone": ("已删除", "gone"), "returned": ("删后重现", "returned after removal"),
    "unreached": ("未能查看", "not reached"),
}  # fmt: skip
DRIFT = {
    "same": "如前 as before",
    "moved": "有移动 moved",
    "shifted": "明显偏移 shifted",
    "few": "太少，不作判断 too few to say",
}
LEVELS = {"alarm": "警报 alarm", "notice": "提示 notice"}
RETURNS = {"page": "原页恢复 the page itself", "again": "删后再发 posted again"}
