"""What a prevalence report says in words: the denominator, the methods, the warnings. Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TITLE = {"zh": "流行率研究", "en": "Prevalence study"}
LEAST_LABELLED = 20  # a part of the frame with fewer settled documents gets no estimate of its own
METHODS = {
    "wilson": ("简单随机样本（威尔逊区间）", "simple random sample, Wilson interval"),
    "stratified": ("分层估计", "stratified estimator"),
    "ppi++": ("预测增强推断 PPI++", "prediction-powered inference, PPI++"),
    "rogan-gladen": ("罗根–格拉登校正", "Rogan-Gladen correction"),
}
DESIGNS = {"stratified": ("按模型分数分层", "stratified by the model's score"), "random": ("简单随机", "simple random")}
_COUNTED = {
    "document": ("同一平台同一编号的文档只计一次，取判定时的版本；内容相同的转贴分别计数", "one for each platform and native id, in the version that was judged; re-posts of the same text count each"),
    "campaign": ("改写或逐字相同的文案（同一批广告）只计一次，取最先入库的一篇", "re-written adverts of one campaign and texts that are the same word for word count once, by the document stored first"),
}  # fmt: skip
_CITED = {
    "wilson": "Wilson 1927",
    "stratified": "Neyman 1934; Cochran 1977, ch. 5; Clopper and Pearson 1934; Zou and Donner 2008",
    "ppi++": "Angelopoulos, Duchi and Zrnic 2023; Fisch et al. 2024",
    "rogan-gladen": "Rogan and Gladen 1978",
}


def denominator(sample: Mapping[str, Any], frame: int) -> dict[str, str]:
    """What the shares are shares of."""
    zh, en = _COUNTED[sample["unit"]]
    day = sample["drawn_at"][:10]
    return {
        "zh": f"分母：本次巡查到达、且在 {day}（UTC）抽样前已由 {sample['rater']} 判定的 {frame} 篇文档；去重方法：{zh}。未到达的页面不在其内，本结果不代表整个网络。",
        "en": f"Denominator: the {frame} documents that this crawl reached and {sample['rater']} had judged when the sample was drawn on {day} (UTC); "
              f"de-duplicated: {en}. Pages that the crawl did not reach are no part of it: this is not the prevalence of the web.",
    }  # fmt: skip


def methods(sample: Mapping[str, Any], frame: int, labelled: int, raters: int, names: list[str]) -> dict[str, str]:
    """The methods paragraph."""
    zh, en = DESIGNS[sample["design"]]
    cited = "; ".join(f"{METHODS[name][1]} ({_CITED[name]})" for name in names)
    cited_zh = "；".join(f"{METHODS[name][0]}（{_CITED[name]}）" for name in names)
    return {
        "zh": f"从 {frame} 篇文档中以{zh}方式抽取 {sample['size']} 篇（种子 {sample['seed']}，入样概率已记录），{raters} 名标注员在不知分数、联系方式已遮盖的条件下标注，"
              f"{labelled} 篇有定论：以仲裁标签为准，否则取过半数。阳性指标签属于应标记的类别。估计方法：{cited_zh}。区间为 95%；分层各层用精确区间合成，小样本层偏保守。"
              "模型只用于抽样和缩小区间；模型标记的数量不是流行率，不在此列出。标注假定无误。",
        "en": f"{sample['size']} of {frame} documents were drawn ({en}; seed {sample['seed']}; inclusion probabilities recorded) and labelled by {raters} rater(s) who saw neither score "
              f"nor contacts; {labelled} are settled, by the adjudicated label, else by more than half of the raters. Positive: the label is one of the flagged ones. Estimators: {cited}. "
              "Intervals are 95 %; those of the strata are exact ones put together by squares, conservative where a stratum is small. The model serves to draw and to narrow; "
              "how many documents it flags is no prevalence and is not shown. Labels are taken to be right.",
    }  # fmt: skip


def warnings(positives: int, labelled: int, drawn: int, left_open: int, raters: int, few: int) -> list[dict[str, str]]:
    """What a reader must know before quoting a figure."""
    found = []
    if positives < few:
        found.append({
            "zh": f"阳性只有 {positives} 篇（少于 {few}）：只宜引用区间，不宜引用点估计。",
            "en": f"Only {positives} positives (fewer than {few}): quote the interval, not the estimate.",
        })  # fmt: skip
    missing = drawn - labelled - left_open
    if missing:
        found.append({
            "zh": f"{missing} 篇抽中文档没有标签，按层内随机缺失处理；若难标的才缺，结果会偏。",
            "en": f"{missing} drawn documents have no label and are taken as missing at random within their stratum; if the hard ones are missing, this is biased.",
        })  # fmt: skip
    if left_open:
        found.append({
            "zh": f"{left_open} 篇标注不一致且未仲裁，已略去；请仲裁后重算。",
            "en": f"{left_open} documents on which raters disagree are not adjudicated and are left out; adjudicate them and estimate again.",
        })  # fmt: skip
    if raters < 2:
        found.append({
            "zh": "标注员少于两名：无法衡量一致性，标注误差未知。",
            "en": "Fewer than two raters: agreement cannot be measured, errors of labelling are unknown.",
        })  # fmt: skip
    return found


HIDDEN = {
    "zh": "以“平台×日”为捕获场合的联系方式数量下限（Chao 1987）。只计模型标记文档中的联系方式，误报在内、未经人工核对；各场合相互依赖，故只是下限，不是总数，更不是流行率。",
    "en": "A lower bound for the number of contact points, a platform on a day being an occasion (Chao 1987). Contacts of documents that the model flags, false alarms "
          "among them, unchecked; occasions depend on one another, so this bounds from below and is no total, let alone a prevalence.",
}  # fmt: skip
