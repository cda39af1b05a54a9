"""The lake in a bucket of a real S3 server: the daily run, killed anywhere, loses nothing."""

import time

import pytest
from orders import expected, versions
from s3project import S3Project
from seaweedfs import SeaweedFS

ORDERS = """
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.orders: {key: [id], bookmark: {by: updated_at}, partition: [day(updated_at)]}
"""


def make_project(folder, s3, bucket, database, prefix="lake"):
    project = S3Project(folder, {"SHOP_URL": database.url}, s3, bucket, prefix)
    project.database = database
    return project.configure(ORDERS)


@pytest.fixture
def shop(tmp_path, s3, bucket, database):
    """A project with a stream of 150 orders over three days."""
    database.create_orders()
    for day in ("02-27", "02-28", "02-29"):
        database.add_orders(50, f"2024-{day} 11:00:00")
    return make_project(tmp_path / "project", s3, bucket, database)


def add_a_day(database):
    database.set_clock("2024-03-02 12:00:00")
    database.add_orders(10, "2024-03-01 15:00:00")
    database.add_orders(10, "2024-03-02 10:00:00")


def test_the_daily_run_lands_in_the_bucket(shop):
    assert shop.run()["shop.orders"]["rows"] == 150
    assert len(shop.files("shop_orders")) == 3
    assert versions(shop) == expected(*shop.database.orders())
    assert shop.run()["shop.orders"]["status"] == "unchanged"
    add_a_day(shop.database)
    assert shop.run()["shop.orders"]["rows"] == 20
    assert versions(shop) == expected(*shop.database.orders())
    assert shop.leftovers() == []
    assert shop.objects()[0] == "_tidemark/log.json"
    location = shop.tidemark("catalog", "show", "shop_orders", "--json").expect(0).out
    assert f"{shop.root}/raw/shop_orders" in location


def test_a_query_reads_the_bucket(shop):
    shop.run()
    answer = shop.tidemark(
        "query", "SELECT count(*) AS n, count(DISTINCT updated_at_day) AS days FROM shop_orders", "--json")
    assert answer.expect(0).json == [{"n": 150, "days": 3}]


def test_a_kill_while_uploading_leaves_uploads_that_the_next_run_removes(shop):
    killed = shop.tidemark("run", env={"TIDEMARK_CRASH_AT": "stage-file:after"})
    assert killed.code == -9
    assert len(shop.uploads()) == 3
    # Readers hold no lease and remove nothing.
    shop.tidemark("query", "SELECT 1").expect(0)
    assert len(shop.uploads()) == 3
    shop.run()
    assert shop.leftovers() == []
    assert versions(shop) == expected(*shop.database.orders())


def test_a_decided_commit_whose_uploads_vanished_is_taken_back(shop):
    killed = shop.tidemark("run", env={"TIDEMARK_CRASH_AT": "decide:after"})
    assert killed.code == -9
    found = shop.server.client.list_multipart_uploads(Bucket=shop.bucket)["Uploads"]
    for upload in found:
        shop.server.client.abort_multipart_upload(
            Bucket=shop.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    outcome = shop.run().outcome
    assert "vanished" in outcome.err
    assert versions(shop) == expected(*shop.database.orders())
    assert shop.leftovers() == []


def test_another_lake_or_state_is_refused(shop, tmp_path, s3, bucket):
    shop.run()
    other = make_project(tmp_path / "other", s3, bucket, shop.database)
    other.tidemark("run").expect(5, "was written under the log")


def test_check_says_what_is_wrong_with_the_store(shop, bucket):
    shop.tidemark("check").expect(0)
    assert shop.objects() == []
    assert shop.uploads() == []
    shop.tidemark("check", env={"AWS_SECRET_ACCESS_KEY": "wrong secret"}).expect(
        3, "SignatureDoesNotMatch", "Check the secret key")
    shop.tidemark("check", env={"AWS_ACCESS_KEY_ID": "nobody"}).expect(3, "'nobody'")
    shop.tidemark("check", env={"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"}).expect(3, "127.0.0.1:9")
    nothing = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": str(shop.folder),
               "AWS_EC2_METADATA_DISABLED": "true"}
    shop.tidemark("check", env=nothing).expect(3, "no AWS credentials were found", "AWS_PROFILE")
    shop.bucket = "no-such-bucket"
    shop.configure(ORDERS).tidemark("check").expect(3, "NoSuchBucket", "Create the bucket")


@pytest.mark.parametrize("lake, words", [
    ("  s3: {endpont: x}\n", "endpoint"), ("  s3: {endpoint: 'localhost'}\n", "https://host:port"),
    ("  s3: {profile: none}\n", "there is no profile"), ("  s3: {region: 'EU west'}\n", "no region"),
])
def test_mistakes_in_the_config_are_named(shop, lake, words):
    outcome = shop.configure(ORDERS, lake).tidemark("check")
    assert outcome.code in (2, 3), outcome
    assert words in outcome.out + outcome.err, outcome


@pytest.mark.parametrize("root", ["s3://", "s3://UPPER/x", "s3a://bucket/x", "gs://bucket/x"])
def test_places_that_are_none_are_refused(shop, root):
    (shop.folder / "tidemark.yaml").write_text(f"version: 1\nlake: {{root: '{root}'}}\n{ORDERS}")
    shop.tidemark("check").expect(2, "s3://bucket/prefix")


def test_settings_come_from_the_config_too(shop, s3):
    (shop.folder / "aws").write_text(
        f"[lake]\naws_access_key_id = {s3.environment['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {s3.environment['AWS_SECRET_ACCESS_KEY']}\n")
    shop.environment = {"SHOP_URL": shop.environment["SHOP_URL"], "NO_COLOR": "1",
                        "AWS_SHARED_CREDENTIALS_FILE": str(shop.folder / "aws")}
    lake = f"  s3: {{endpoint: '{s3.endpoint}', region: us-east-1, profile: lake, path_style: true}}\n"
    shop.configure(ORDERS, lake)
    assert shop.run()["shop.orders"]["rows"] == 150
    assert len(shop.files("shop_orders")) == 3


EVENTS = """
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.events:
    key: [id]
    bookmark: {by: updated_at}
"""


@pytest.mark.parametrize("partition", ["", "    partition: [kind]\n"])
def test_uploads_stay_within_the_memory(tmp_path, s3, bucket, large, partition):
    """A million rows; what waits to be uploaded is part of the budget."""
    large.set_clock("2024-03-01 12:00:00")
    project = S3Project(tmp_path / "project", {"SHOP_URL": large.url("large")}, s3, bucket)
    project.configure(EVENTS + partition)
    try:
        outcome = project.run(timeout=300).outcome
    finally:
        large.set_clock(None)
    assert len(project.table("shop_events")) == 1_000_000
    assert outcome.peak_rss_bytes < 128_000_000, f"{outcome.peak_rss_bytes:,} bytes"


def test_the_server_dies_in_the_middle_of_a_run(tmp_path, large):
    """A million rows on their way while the store is killed and started again."""
    large.set_clock("2024-03-01 12:00:00")
    try:
        with SeaweedFS() as server:
            server.client.create_bucket(Bucket="lake-1")
            project = S3Project(tmp_path / "project", {"SHOP_URL": large.url("large")}, server, "lake-1")
            project.configure(EVENTS)
            running = project.start("run", "--json")
            deadline = time.monotonic() + 60
            while not project.uploads() and time.monotonic() < deadline:
                time.sleep(0.05)
            server.kill()
            time.sleep(1)
            server.start()
            out, err = running.communicate(timeout=300)
            assert running.returncode == 0, err.decode()
            assert len(project.table("shop_events")) == 1_000_000
            assert project.leftovers() == []
    finally:
        large.set_clock(None)
