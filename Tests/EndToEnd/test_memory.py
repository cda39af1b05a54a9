"""Peak memory stays within the budget, whatever the size of the source."""

import pytest
from events import EVENTS, complete


@pytest.mark.parametrize("memory, budget", [((), 128_000_000), (("--memory", "100MB"), 100_000_000)],
                         ids=["default", "100MB"])
@pytest.mark.parametrize("partition", ["", "partition: [day(happened_at)]"], ids=["plain", "by day"])
def test_memory_stays_within_the_budget(events, memory, budget, partition):
    if partition:
        events.configure(EVENTS.replace("updated_at}", "updated_at}, " + partition))
    outcome = events.tidemark("run", *memory, timeout=300).expect(0)
    assert complete(events)
    assert 0 < outcome.peak_rss_bytes < budget, f"peak memory {outcome.peak_rss_bytes / 1e6:.0f} MB"


def test_streams_side_by_side_share_the_budget(events):
    events.configure("""
sources:
  shop: {type: mysql, url_env: SHOP_URL}
  twin: {type: mysql, url_env: SHOP_URL}
streams:
  shop.events: {key: [id], bookmark: {by: updated_at}}
  twin.events: {key: [id], bookmark: {by: updated_at}, partition: [day(happened_at)]}
""")
    outcome = events.tidemark("run", timeout=300).expect(0)
    assert complete(events)
    assert 0 < outcome.peak_rss_bytes < 128_000_000, f"peak memory {outcome.peak_rss_bytes / 1e6:.0f} MB"


@pytest.mark.parametrize("connections, rows", [(4, 250_000), (32, 30_000)])
@pytest.mark.parametrize("partition", ["", ", partition: [day(happened_at)]"], ids=["plain", "by day"])
def test_parts_that_are_read_at_once_share_the_budget(events, connections, rows, partition):
    events.configure(f"""
sources:
  shop: {{type: mysql, url_env: SHOP_URL, connections: {connections}}}
streams:
  shop.events: {{key: [id], bookmark: {{by: updated_at}}, backfill: {{part_rows: {rows}}}{partition}}}
""")
    outcome = events.tidemark("run", timeout=300).expect(0)
    events.tidemark("gc", "--grace", "0s").expect(0)
    assert complete(events)
    assert 0 < outcome.peak_rss_bytes < 128_000_000, f"peak memory {outcome.peak_rss_bytes / 1e6:.0f} MB"
