"""Opens the live page of a session in a browser, while a pretend rig answers, and does what an experimenter does.

    python live.py ACTMAX FOLDER SCREENSHOTS

FOLDER has session.toml with two threads. Ends with status 0 if all is as it should be.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

actmax, folder, shots = sys.argv[1:]
os.chdir(folder)
os.makedirs(shots, exist_ok=True)


def run(*arguments):
    subprocess.run([actmax, *arguments], check=True, stdout=subprocess.DEVNULL)


def told(thread, generation):
    """The scores that a thread was told: one for each code."""
    for line in open("session/session.jsonl"):
        event = json.loads(line.split(" ", 1)[1])
        if event["event"] == "told" and (event["thread"], event["generation"]) == (thread, generation):
            return event["scores"]
    return None


def wait(what, look, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    page.save_screenshot(f"{shots}/failed.png")
    raise SystemExit(f"never happened: {what}")


def start_session(port):
    process = subprocess.Popen([actmax, "session", "run", "session", "--quiet", "--http", port], stdout=subprocess.DEVNULL)
    for _ in range(400):
        if os.path.exists("session/http-url"):
            with socket.socket() as probe:
                host, own = open("session/http-url").read().strip().removeprefix("http://").split(":")
                if probe.connect_ex((host, int(own))) == 0:
                    return process, own
        time.sleep(0.05)
    raise SystemExit("the session does not listen")


def of(css):
    return page.find_element(By.CSS_SELECTOR, css)


def text(css):
    return page.execute_script("return document.querySelector(arguments[0])?.textContent ?? ''", css)


def screenshot(name, width, height, theme="system", large=False):
    page.set_window_size(width, height)
    while theme not in text("#theme"):
        page.execute_script("document.querySelector('#theme').click()")
    if (of("#large").get_attribute("aria-pressed") == "true") != large:
        page.execute_script("document.querySelector('#large').click()")
    page.execute_script("scrollTo(0, 0)")
    time.sleep(0.7)
    wide = page.execute_script("return document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name}: the page is {wide} pixels wider than the window"
    page.save_screenshot(f"{shots}/{name}.png")


options = webdriver.ChromeOptions()
options.binary_location = shutil.which("chromium")
for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1366,768"]:
    options.add_argument(argument)
options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
page = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
processes = []
try:
    run("session", "new", "session", "--config", "session.toml")
    session, port = start_session("0")
    processes.append(session)
    token = open("session/http-token").read().strip()
    page.get(f"http://127.0.0.1:{port}/#{token}")
    wait("the empty page says so", lambda: text("#phase") == "open" and of("#empty").is_displayed())
    run("rig", "simulate", "session", "--unit", "fc8:eye", "--poisson", "10", "--blocks", "4")
    wait("four generations", lambda: text("#shown") == "generation 3 of 3")

    # The numbers are those of the journal.
    for thread in range(2):
        scores = told(thread, 3)
        shown = text(f"#threads section:nth-child({thread + 1}) .facts dd").split(", ")
        expected = [sum(scores) / len(scores), max(scores)]
        assert all(abs(float(a) - b) < 1e-3 * max(1, abs(b)) for a, b in zip(shown, expected)), (shown, expected)
        montage = page.execute_script(
            "return [...document.querySelectorAll('#threads section')][arguments[0]].querySelectorAll('.montage button').length",
            thread)
        assert montage == len(scores)
    pictures = "return [...document.querySelectorAll('.portraits img, .montage img')].filter(i => i.complete && i.naturalWidth).length"
    wait("images are there", lambda: page.execute_script(pictures) >= 40)

    # A chosen generation stays chosen when news come; Live returns.
    of("body").send_keys(Keys.ARROW_LEFT)
    of("body").send_keys(Keys.ARROW_LEFT)
    wait("two back", lambda: text("#shown") == "generation 1 of 3")
    run("rig", "simulate", "session", "--unit", "fc8:eye", "--poisson", "10", "--blocks", "1")
    wait("the fifth generation", lambda: text("#shown") == "generation 1 of 4")
    of("#live").click()
    wait("live", lambda: text("#shown") == "generation 4 of 4")

    # A click on a point opens it.
    opened = page.execute_script("""
        const canvas = document.querySelector('#threads canvas'), box = canvas.getBoundingClientRect();
        for (let y = 5; y < box.height; y += 5) for (let x = 40; x < box.width; x += 5) {
            canvas.dispatchEvent(new MouseEvent('click', {clientX: box.left + x, clientY: box.top + y, bubbles: true}));
            if (document.querySelector('#detail').open) return true;
        }
        return false;""")
    assert opened, "no point of the chart can be clicked"
    wait("the point's norm", lambda: "norm of the code" in text("#detail dl"))
    assert "generation, code" in text("#detail dl")
    of("#detail .close").click()

    # Actions: each asks once, and shows that it took. Names and notes are text.
    of("#note").click()
    of("#text").send_keys("<script>document.title = 'broken'</script> moved the electrode")
    of("#yes").click()
    wait("the note", lambda: "<script>" in text("#log ol") and "moved the electrode" in text("#log ol"))
    assert "broken" not in page.title and not page.find_elements(By.CSS_SELECTOR, "#log script")
    of("body").send_keys(" ")
    of("#yes").click()
    wait("the pause", lambda: text("#phase") == "paused" and text("#pause") == "Continue")
    of("#pause").click()
    wait("going on", lambda: text("#phase") == "open")
    stop = page.find_elements(By.XPATH, "//button[text() = 'Stop this thread']")[1]
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", stop)
    stop.click()
    of("#yes").click()
    wait("the thread's end", lambda: "stopped" in text("#threads section:nth-child(2) h2"))

    # Light, dark, large; wide, laptop, phone.
    screenshot("light-1366", 1366, 768, "light")
    screenshot("dark-1920", 1920, 1080, "dark")
    screenshot("large-1920", 1920, 1080, "light", large=True)
    screenshot("dark-phone", 390, 844, "dark")
    screenshot("system-1366", 1366, 768, "system")
    grounds = []
    for scheme in ["light", "dark"]:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        grounds.append(page.execute_script("return getComputedStyle(document.body).backgroundColor"))
    assert grounds[0] != grounds[1], grounds

    # Nothing leaves the machine, and the console is silent.
    requests = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    urls = [r["params"]["request"]["url"] for r in requests if r["method"] == "Network.requestWillBeSent"]
    foreign = [url for url in urls if not url.startswith((f"http://127.0.0.1:{port}/", "data:"))]
    assert len(urls) > 50 and not foreign, foreign
    console = [entry for entry in page.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    assert not console, console
    paint = page.execute_script("return performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
    print(f"first paint {paint:.0f} ms, {len(urls)} requests")

    # The server goes and comes back; the page says so, and misses nothing.
    session.kill()
    session.wait()
    wait("the page notices", lambda: text("#phase") == "disconnected" and of("#trouble").is_displayed())
    page.save_screenshot(f"{shots}/disconnected.png")
    session, _ = start_session(port)
    processes.append(session)
    run("rig", "simulate", "session", "--unit", "fc8:eye", "--poisson", "10", "--blocks", "1")
    wait("the sixth generation", lambda: text("#shown") == "generation 5 of 5" and text("#phase") == "open")
    assert of("#trouble").get_attribute("hidden") is not None

    of("#stop").click()
    of("#yes").click()
    wait("stopping", lambda: text("#phase") == "stopping")
    run("rig", "simulate", "session", "--unit", "fc8:eye", "--poisson", "10", "--blocks", "1")
    assert session.wait(60) == 0

    # The same page, from the folder.
    view = subprocess.Popen([actmax, "view", "session"], stdout=subprocess.PIPE, text=True)
    processes.append(view)
    page.get(view.stdout.readline().strip())
    wait("the finished session", lambda: text("#phase") == "finished" and text("#shown") == "generation 6 of 6")
    assert not of("#actions").is_displayed()

    # A campaign: its grid while it is made and afterwards, its means, and the page of a run.
    campaign = subprocess.Popen([actmax, "campaign", "run", "campaign.toml", "--out", "grid", "--quiet"], stdout=subprocess.DEVNULL)
    processes.append(campaign)
    while not os.path.exists("grid/campaign.json"):
        time.sleep(0.05)
    view = subprocess.Popen([actmax, "view", "grid"], stdout=subprocess.PIPE, text=True)
    processes.append(view)
    page.get("about:blank")
    page.get_log("browser")  # What the servers that were killed left behind.
    page.get(view.stdout.readline().strip())
    assert campaign.wait(120) == 0
    wait("the finished campaign", lambda: text("#phase") == "finished" and "8 of 8 runs done" in text("#progress"))
    squares = page.find_elements(By.CSS_SELECTOR, "a.run.done")
    assert len(squares) == 8, len(squares)
    record = next(json.load(open(os.path.join(at, name))) for at, _, names in os.walk("grid/runs") for name in names
                  if name.startswith("genetic_r1") and name.endswith(".json") and "_ns0.5" in at)
    means = page.execute_script("return [...document.querySelectorAll('#means td strong')].map(e => Number(e.textContent))")
    assert len(means) == 4 and max(means) <= 1, means
    screenshot("campaign-1366", 1366, 768, "light")
    screenshot("campaign-phone", 390, 844, "dark")
    of("a.run[title='genetic on tiny-alexnet fc8:1, noise 0.5, repeat 1: done']").click()
    wait("the page of the run", lambda: text("#phase") == "finished" and text("#shown") == "generation 3 of 3")
    best = text("#threads .portraits figure")
    expected = record["best_clean"]["score"]
    shown = float(best.removeprefix("best so far").split(",")[0])
    assert abs(shown - expected) < 1e-3 * abs(expected), (best, expected)
    wait("its images", lambda: page.execute_script(pictures) >= 5)
    of("#up").click()
    wait("back at the campaign", lambda: "8 of 8 runs done" in text("#progress"))
    console = [entry for entry in page.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    assert not console, console
finally:
    page.quit()
    for process in processes:
        process.kill()
