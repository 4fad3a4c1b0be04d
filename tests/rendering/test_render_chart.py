"""Charts of the corpus come out as Helm prints them."""

import subprocess

import pytest

from delivery.rendering.tools import tool_path
from tests.rendering.charts import packed
from tests.rendering.corpus import CASES, files_of, golden_files


@pytest.mark.parametrize("name", CASES)
def test_a_chart_gives_its_golden_files(render, name):
    """S42: whole resources, with labels and containers, as they will be committed."""
    case = CASES[name]

    result = render(case.job(), packed(case.chart))

    assert not result.errors
    assert files_of(result) == golden_files(name)


@pytest.mark.parametrize("name", CASES)
def test_documents_are_the_bytes_that_helm_prints(render, data_dir, tmp_path, name):
    """S41: what will be committed is what Helm made."""
    case = CASES[name]
    job = case.job()

    result = render(job, packed(case.chart))

    printed = helm_template(job, packed(case.chart), data_dir, tmp_path)
    expected = documents_of(printed)
    assert [text for text in expected if "\nkind: List\n" not in text] == [
        document.text
        for document in result.documents
        if "operator/templates/readers.yaml" not in document.text
    ]


def helm_template(job, chart, data_dir, folder):
    """Call Helm as a person would, without any code of ours."""
    (folder / "chart.tgz").write_bytes(chart)
    command = [tool_path("helm", data_dir, search=""), "template", job.unit]
    command += ["chart.tgz", "--include-crds", "--skip-tests", "-n", job.namespace]
    if job.kubernetes_version:
        command += ["--kube-version", job.kubernetes_version]
    for api in job.api_versions:
        command += ["--api-versions", api]
    for number, layer in enumerate(job.layers):
        (folder / f"{number}.yaml").write_text(layer.text)
        command += ["-f", f"{number}.yaml"]
    ended = subprocess.run(
        command, cwd=folder, check=True, capture_output=True, env={"HOME": str(folder)}
    )
    return ended.stdout.decode()


def documents_of(printed):
    """Cut at the lines Helm writes between documents; drop those of comments only."""
    texts = [part.strip("\n") + "\n" for part in f"\n{printed}".split("\n---\n")]
    return [
        text
        for text in texts
        if any(line.strip() and line[0] != "#" for line in text.split("\n"))
    ]
