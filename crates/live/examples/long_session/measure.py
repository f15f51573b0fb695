"""Measures the page of a long session in headless Chromium. Its images are missing, which the browser reports to nobody.

    python3 measure.py ACTMAX FOLDER
"""

import shutil
import subprocess
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

FRAMES = """
const done = arguments[1], step = new Function("n", arguments[0]), since = performance.now();
let n = 0;
(function frame() {
  step(n++);
  if (n < 60) requestAnimationFrame(frame); else done((performance.now() - since) / n);
})();"""
SLIDE = "const s = document.querySelector('#slider'); s.value = 999 - 7 * n; s.dispatchEvent(new Event('input'));"

view = subprocess.Popen([sys.argv[1], "view", sys.argv[2]], stdout=subprocess.PIPE, text=True)
options = webdriver.ChromeOptions()
options.binary_location = shutil.which("chromium")
for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1366,768"]:
    options.add_argument(argument)
page = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
try:
    address, since = view.stdout.readline().strip(), time.time()
    page.get(address)
    while page.execute_script("return document.querySelector('#shown').textContent") != "generation 999 of 999":
        time.sleep(0.02)
    print(f"all generations there after {time.time() - since:.2f} s")
    paint = page.execute_script("return performance.getEntriesByName('first-contentful-paint')[0].startTime")
    print(f"first paint {paint:.0f} ms")
    print(f"{page.execute_async_script(FRAMES, SLIDE):.0f} ms a step of the slider")
    print(f"{page.execute_async_script(FRAMES, 'scrollBy(0, 20)'):.0f} ms a frame of scrolling")
    print(f"{page.execute_script('return performance.memory.usedJSHeapSize') / 1e6:.0f} MB of JavaScript heap")
finally:
    page.quit()
    view.kill()
