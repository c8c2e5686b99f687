"""`gongkai verify`: whether the index on disk is what was written, and what to fall back to."""

import json
from typing import Annotated, Any

import typer

from cli.options import DEFAULT_DATA, DataDir, plain_errors
from indexer.generations import Generations
from indexer.verifying import Condition, Verification, Verified
from indexer.verifying import fall_back as fall_back_to_intact
from indexer.verifying import verify as verify_generations

CONDITIONS = {
    Condition.INTACT: "完好",
    Condition.DAMAGED: "损坏",
    Condition.OTHER_VERSION: "由另一版本的程序写成",
    Condition.UNFINISHED: "没有建完，下次更新索引时清除",
}


def verify(
    data: DataDir = DEFAULT_DATA,
    fall_back: Annotated[
        bool, typer.Option("--fall-back", help="在用的索引损坏时，改用此前最新的完好版本。")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")] = False,
) -> None:
    """逐字节检查索引的每个版本是否完好，并指出损坏时该退回到哪一个。"""
    generations = Generations(data)
    with plain_errors():
        if fall_back:
            before, folder = generations.live(), fall_back_to_intact(generations)
            if folder != before:
                typer.echo(f"已改用 {folder.name}。请运行 gongkai index，使它跟上目录库。", err=as_json)
        verification = verify_generations(generations)
    if as_json:
        typer.echo(json.dumps(_as_json(verification), ensure_ascii=False))
    else:
        _tell(verification)
    if not (verification.usable if fall_back else verification.intact):
        raise typer.Exit(1)


def _tell(verification: Verification) -> None:
    for each in verification.generations:
        _tell_generation(each)
    if verification.pointer is not None:
        typer.echo(f"{verification.pointer.file}  损坏：{verification.pointer.why}")
    if verification.usable:
        return
    if verification.fallback is not None:
        typer.echo(
            f"可以退回到 {verification.fallback.folder.name}（到变更号 {verification.fallback.seq}）："
            "请运行 gongkai verify --fall-back，再运行 gongkai index。"
        )
    else:
        typer.echo("没有可以退回的完好版本。请运行 gongkai index --rebuild 重建。")


def _tell_generation(each: Verified) -> None:
    use = "（在用）" if each.live else ""
    held = "" if each.seq is None else f"，{each.documents} 件文件，到变更号 {each.seq}"
    typer.echo(f"{each.folder.name}{use}  {CONDITIONS[each.condition]}{held}")
    for damage in each.damages:
        typer.echo(f"    {damage.file}：{damage.why}")
    if each.orphans and each.condition is not Condition.UNFINISHED:
        typer.echo(f"    不属于索引的文件：{'、'.join(each.orphans)}（下次更新索引时清除）")


def _as_json(verification: Verification) -> dict[str, Any]:
    pointer, fallback = verification.pointer, verification.fallback
    return {
        "intact": verification.intact,
        "usable": verification.usable,
        "pointer": None if pointer is None else pointer.why,
        "fall_back_to": None if verification.usable or fallback is None else fallback.folder.name,
        "generations": [
            {
                "generation": each.folder.name,
                "live": each.live,
                "condition": each.condition.value,
                "seq": each.seq,
                "documents": each.documents,
                "damages": [{"file": damage.file, "why": damage.why} for damage in each.damages],
                "orphans": list(each.orphans),
            }
            for each in verification.generations
        ],
    }
