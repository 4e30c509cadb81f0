"""AI chips that Nvidia has sold, from what it earned by each: the estimate of Epoch AI, as a model of one's own.

    simulate --model examples/chips.py

Units of a chip are what was earned by it over its price, and a chip counts as so many H100s as its peak rate in 8 bits
is over an H100's. Each chip has one price for all quarters: whoever is wrong about it is wrong in all of them.
"""

from simulator import Constant, Input, quantity

UNITS = ("chip = [chip]", "h100e = [h100e]", "operation = [operation]", "TOPS = 1e12 operation/s")
PRIORS = (
    Input("hardware_share", "1", "share of the compute revenue that is chips, not cloud or software", 0, 1),
    Input("a100_price", "USD/chip", "price of an A100 when it came out"),
    Input("a800_price", "USD/chip", "price of an A800 when it came out"),
    Input("h100_price", "USD/chip", "price of an H100 and H200 when it came out"),
    Input("h800_price", "USD/chip", "price of an H800 when it came out"),
    Input("h20_price", "USD/chip", "price of an H20 when it came out"),
    Input("b200_price", "USD/chip", "price of a B200 when it came out"),
    Input("b300_price", "USD/chip", "price of a B300 when it came out"),
    Input("a100_revenue", "USD", "revenue from A100 to Q1 2026, at the price when it came out"),
    Input("a800_revenue", "USD", "revenue from A800 to Q1 2026, at the price when it came out"),
    Input("h100_revenue", "USD", "revenue from H100 and H200 to Q1 2026, at the price when it came out"),
    Input("h800_revenue", "USD", "revenue from H800 to Q1 2026, at the price when it came out"),
    Input("h20_revenue", "USD", "revenue from H20 to Q1 2026, at the price when it came out"),
    Input("b200_revenue", "USD", "revenue from B200 to Q1 2026, at the price when it came out"),
    Input("b300_revenue", "USD", "revenue from B300 to Q1 2026, at the price when it came out"),
)
CONSTANTS = (
    Constant("watts_per_gigawatt", 1e9, "W/GW", "watts in a gigawatt"),
    Constant("a100_tops", 624.0, "TOPS/chip", "peak rate of A100 in 8 bits"),
    Constant("a800_tops", 624.0, "TOPS/chip", "peak rate of A800 in 8 bits"),
    Constant("h100_tops", 1979.0, "TOPS/chip", "peak rate of H100 and H200 in 8 bits"),
    Constant("h800_tops", 1979.0, "TOPS/chip", "peak rate of H800 in 8 bits"),
    Constant("h20_tops", 296.0, "TOPS/chip", "peak rate of H20 in 8 bits"),
    Constant("b200_tops", 5000.0, "TOPS/chip", "peak rate of B200 in 8 bits"),
    Constant("b300_tops", 5000.0, "TOPS/chip", "peak rate of B300 in 8 bits"),
    Constant("a100_watts", 400.0, "W/chip", "thermal design power of A100"),
    Constant("a800_watts", 400.0, "W/chip", "thermal design power of A800"),
    Constant("h100_watts", 700.0, "W/chip", "thermal design power of H100 and H200"),
    Constant("h800_watts", 700.0, "W/chip", "thermal design power of H800"),
    Constant("h20_watts", 400.0, "W/chip", "thermal design power of H20"),
    Constant("b200_watts", 1200.0, "W/chip", "thermal design power of B200"),
    Constant("b300_watts", 1400.0, "W/chip", "thermal design power of B300"),
    Constant("h100e_tops", 1979.0, "TOPS/h100e", "peak rate of an H100 in 8 bits"),
)


@quantity("chip")
def a100_chips(a100_revenue, hardware_share, a100_price):
    """A100 chips sold."""
    return a100_revenue * hardware_share / a100_price


@quantity("chip")
def a800_chips(a800_revenue, hardware_share, a800_price):
    """A800 chips sold."""
    return a800_revenue * hardware_share / a800_price


@quantity("chip")
def h100_chips(h100_revenue, hardware_share, h100_price):
    """H100 and H200 chips sold."""
    return h100_revenue * hardware_share / h100_price


@quantity("chip")
def h800_chips(h800_revenue, hardware_share, h800_price):
    """H800 chips sold."""
    return h800_revenue * hardware_share / h800_price


@quantity("chip")
def h20_chips(h20_revenue, hardware_share, h20_price):
    """H20 chips sold."""
    return h20_revenue * hardware_share / h20_price


@quantity("chip")
def b200_chips(b200_revenue, hardware_share, b200_price):
    """B200 chips sold."""
    return b200_revenue * hardware_share / b200_price


@quantity("chip")
def b300_chips(b300_revenue, hardware_share, b300_price):
    """B300 chips sold."""
    return b300_revenue * hardware_share / b300_price


@quantity("chip")
def chips_sold(a100_chips, a800_chips, h100_chips, h800_chips, h20_chips, b200_chips, b300_chips):
    """Chips sold from 2022 to Q1 2026."""
    return a100_chips + a800_chips + h100_chips + h800_chips + h20_chips + b200_chips + b300_chips


@quantity("h100e")
def hopper_h100e(h100_chips, h100_tops, h800_chips, h800_tops, h20_chips, h20_tops, h100e_tops):
    """H100-equivalents of Hopper chips."""
    return (h100_chips * h100_tops + h800_chips * h800_tops + h20_chips * h20_tops) / h100e_tops


@quantity("h100e")
def blackwell_h100e(b200_chips, b200_tops, b300_chips, b300_tops, h100e_tops):
    """H100-equivalents of Blackwell chips."""
    return (b200_chips * b200_tops + b300_chips * b300_tops) / h100e_tops


@quantity("h100e")
def ampere_h100e(a100_chips, a100_tops, a800_chips, a800_tops, h100e_tops):
    """H100-equivalents of Ampere chips."""
    return (a100_chips * a100_tops + a800_chips * a800_tops) / h100e_tops


@quantity("h100e")
def installed_h100e(ampere_h100e, hopper_h100e, blackwell_h100e):
    """H100-equivalents sold from 2022 to Q1 2026."""
    return ampere_h100e + hopper_h100e + blackwell_h100e


@quantity("GW")
def hopper_power(h100_chips, h100_watts, h800_chips, h800_watts, h20_chips, h20_watts, watts_per_gigawatt):
    """Power of Hopper chips alone."""
    return (h100_chips * h100_watts + h800_chips * h800_watts + h20_chips * h20_watts) / watts_per_gigawatt


@quantity("GW")
def blackwell_power(b200_chips, b200_watts, b300_chips, b300_watts, watts_per_gigawatt):
    """Power of Blackwell chips alone."""
    return (b200_chips * b200_watts + b300_chips * b300_watts) / watts_per_gigawatt


@quantity("GW")
def ampere_power(a100_chips, a100_watts, a800_chips, a800_watts, watts_per_gigawatt):
    """Power of Ampere chips alone."""
    return (a100_chips * a100_watts + a800_chips * a800_watts) / watts_per_gigawatt


@quantity("GW")
def installed_power(ampere_power, hopper_power, blackwell_power):
    """Power of all chips sold, without servers and buildings."""
    return ampere_power + hopper_power + blackwell_power


ABOUT = "How much AI computing power Nvidia has sold from 2022 to the first quarter of 2026: an estimate of Epoch AI's."
HEADLINE = ("chips_sold", "installed_power", "installed_h100e")
STORY = (
    ("chips_sold", "Nvidia has sold {} AI chips {}"),
    ("installed_h100e", "they are worth {} H100s {}"),
    ("installed_power", "and draw {} GW {}"),
)
CAVEATS = (
    "Chips that were retired, lost or smuggled are counted as sold, and lesser data centre chips (L40, T4) are not.",
    "The revenue by chip is that of Nvidia's quarters to 25 January 2026, so the first quarter of 2026 is not whole.",
)
LAYERS = {"prices": ("a100_price", "a800_price", "h100_price", "h800_price", "h20_price", "b200_price", "b300_price")}
