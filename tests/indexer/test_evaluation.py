"""The figures of `gongkai eval`, and a floor under ranking on made-up questions."""

import json
from math import log2
from random import Random

import pytest

from demo.writing import write_documents
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


MADE_UP_DOCUMENTS = 1200
MADE_UP_QUESTIONS = 240
MADE_UP_FLOORS = {"ndcg@10": 0.77, "recall@100": 0.985}
"""What ranking reaches on the demo city's documents; goes up when ranking gets better, never down."""


def question(rng, body):
    """Ask for a document in a citizen's way: two scraps of its text in any order, and filler words."""
    starts = sorted((rng.randrange(len(body) - 8) for _ in range(2)), key=lambda _: rng.random())
    scraps = [body[start : start + rng.randint(4, 8)] for start in starts]
    return rng.choice(("请问{}和{}怎么办", "{}，{}有什么规定", "{}{}", "{}的{}是什么意思")).format(*scraps)


def test_ranking_of_made_up_questions_does_not_fall(run, tmp_path):
    rng = Random(2012)
    docs = [
        {"id": document.key, "title": document.title, "body": document.body}
        for document in write_documents(2012, MADE_UP_DOCUMENTS)
    ]
    asked = rng.sample([each for each in docs if len(each["body"]) > 60], MADE_UP_QUESTIONS)
    bodies = {each["id"]: each["body"].replace("\n", "") for each in asked}
    folder = write(
        tmp_path,
        docs,
        [(key, question(rng, body)) for key, body in bodies.items()],
        [(key, key, "1") for key in bodies],
    )
    figures = run(evaluate(folder, tmp_path / "index")).to_json()
    for name, floor in MADE_UP_FLOORS.items():
        assert figures[name] >= floor, (name, figures[name])


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "floor", "recall", "documents"),
    [("ncp", 0.905, 0.998, 3244), ("letters", 0.666, 0.849, 2816), ("stard", 0.368, 0.663, 58625)],
)
def test_ranking_on_the_development_sets_does_not_fall(
    run, tmp_path, shared_data, name, floor, recall, documents
):
    scores = run(evaluate(shared_data / "eval" / name, tmp_path / "index"))
    assert scores.ndcg_at_10 >= floor
    assert scores.recall_at_100 >= recall
    assert scores.median_total < 0.05 * documents
