"""The tip form where nobody holds a key yet."""

from tests.web.site import Site


async def test_a_tip_that_nobody_could_open_is_not_taken(site: Site) -> None:
    told = {"category": "drugs", "what": "Chuyện đã thấy ở ngõ 3"}
    async with site.post("/to-giac", data=told) as answer:
        text = await answer.text()
    assert answer.status == 503
    assert "chưa sẵn sàng nhận tin" in text
    assert 'href="tel:113"' in text
