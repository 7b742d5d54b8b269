from hems.model.settings import MODES, ChargerSettings, Settings


def test_a_charger_without_orders_has_the_defaults() -> None:
    settings = Settings({"garage": ChargerSettings("fast", 10.0)})
    assert settings.charger("garage") == ChargerSettings("fast", 10.0)
    assert settings.charger("yard") == ChargerSettings("surplus", 32.0)
    assert settings.charger("yard").mode in MODES
