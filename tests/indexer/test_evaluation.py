"""The figures of `gongkai eval`, and a floor under ranking on made-up questions."""

import json
from math import log2

import pytest

from indexer.errors import EvaluationError
from indexer.evaluation import evaluate

DOCS = [
    {"id": "a", "title": "公积金贷款办理指南", "body": "缴存满六个月可以申请住房公积金贷款。"},
    {"id": "b", "title": "居民身份证补领指南", "body": "身份证遗失的，到户籍地派出所办理补领。"},
    {"id": "c", "title": "关于公积金缴存的通知", "body": "单位应当按月缴存住房公积金。"},
    {"id": "d", "title": "", "body": "不动产登记所需材料：身份证明、申请书。"},
]


def write(folder, docs=DOCS, queries=(("q1", "公积金贷款"),), qrels=(("q1", "a", "1"),)):
    lines = {
        "docs.jsonl": [json.dumps(each, ensure_ascii=False) for each in docs],
        "queries.jsonl": [json.dumps({"id": key, "text": text}, ensure_ascii=False) for key, text in queries],
        "qrels.tsv": ["\t".join(row) for row in qrels],
    }
    for name, content in lines.items():
        (folder / name).write_text("\n".join(content) + "\n", "utf-8")
    return folder


def test_the_figures_are_what_their_names_say(run, tmp_path):
    folder = write(
        tmp_path,
        queries=(("q1", "公积金贷款办理"), ("q2", "身份证遗失怎么补领"), ("q3", "完全没有的内容")),
        qrels=(("q1", "a", "1"), ("q1", "c", "2"), ("q2", "b", "1"), ("q3", "d", "1"), ("q3", "a", "0")),
    )
    scores = run(evaluate(folder, tmp_path / "index"))
    value = scores.to_json()
    assert value["queries"] == 3
    assert value["hit@1"] == pytest.approx(2 / 3, abs=1e-4)
    assert value["mrr@10"] == pytest.approx(2 / 3, abs=1e-4)
    best, both = 1.0, 1 + 1 / log2(3)
    assert value["ndcg@10"] in (
        pytest.approx((both / both + best) / 3, abs=1e-4),
        pytest.approx((best / both + best) / 3, abs=1e-4),
    )
    assert set(value) == {
        *("queries", "hit@1", "hit@10", "mrr@10", "ndcg@10"),
        *("recall@100", "p50_ms", "p95_ms", "median_total"),
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("docs.jsonl", "{}\n"),
        ("docs.jsonl", "nonsense\n"),
        ("queries.jsonl", '{"id": 1}\n'),
        ("queries.jsonl", ""),
        ("qrels.tsv", "q1 a 1\n"),
        ("qrels.tsv", "q1\ta\tvery\n"),
    ],
)
def test_a_malformed_set_is_named_with_what_would_be_right(run, tmp_path, name, content):
    folder = write(tmp_path)
    (folder / name).write_text(content)
    with pytest.raises(EvaluationError, match=name):
        run(evaluate(folder, tmp_path / "index"))


def test_a_missing_set_is_named(run, tmp_path):
    with pytest.raises(EvaluationError, match="queries"):
        run(evaluate(tmp_path, tmp_path / "index"))


@pytest.mark.long
@pytest.mark.parametrize(("name", "floor"), [("ncp", 0.895), ("letters", 0.655)])
def test_ranking_on_the_development_sets_does_not_fall(run, tmp_path, shared_data, name, floor):
    scores = run(evaluate(shared_data / "eval" / name, tmp_path / "index"))
    assert scores.ndcg_at_10 >= floor


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_ranking_of_lay_legal_questions_does_not_fall(run, tmp_path, shared_data):
    scores = run(evaluate(shared_data / "eval" / "stard", tmp_path / "index"))
    assert scores.ndcg_at_10 >= 0.347
