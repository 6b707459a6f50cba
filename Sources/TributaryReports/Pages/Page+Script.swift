extension Page {
    /// Shows the figures at the pointer. All of them are in the page without it, too: in the table of rounds.
    static let script = """
        for (const plot of document.querySelectorAll(".plot")) {
          const source = plot.querySelector("script");
          if (!source) continue;
          const data = JSON.parse(source.textContent);
          const make = (tag, name) => Object.assign(document.createElement(tag), {className: name});
          const cursor = make("div", "cursor"), tip = make("div", "tip");
          cursor.hidden = tip.hidden = true;
          plot.append(cursor, tip);
          const hide = () => { cursor.hidden = tip.hidden = true; };
          const show = (event) => {
            const box = plot.getBoundingClientRect();
            const at = (event.clientX - box.left) / box.width * 10000;
            if (at < -200 || at > 10200) return hide();
            let best = 0;
            data.x.forEach((x, i) => { if (Math.abs(x - at) < Math.abs(data.x[best] - at)) best = i; });
            const left = data.x[best] / 100;
            cursor.style.left = left + "%";
            tip.replaceChildren(Object.assign(make("b", ""), {textContent: data.h[best]}));
            for (const [name, classes, texts] of data.c) {
              if (!texts[best]) continue;
              const row = make("div", "");
              row.append(make("i", "swatch " + classes), name + "  " + texts[best]);
              tip.append(row);
            }
            tip.style.left = left > 55 ? "auto" : "calc(" + left + "% + 12px)";
            tip.style.right = left > 55 ? "calc(" + (100 - left) + "% + 12px)" : "auto";
            cursor.hidden = tip.hidden = false;
          };
          plot.addEventListener("pointermove", show);
          plot.addEventListener("pointerdown", show);
          plot.addEventListener("pointerleave", hide);
        }

        """
}
