extension Page {
    /// Colours of lines differ in lightness as well as in hue: any two stay at least 17 apart (CIE 1976 ΔE) as people
    /// without red or green cones see them, 11 without blue ones (simulated after Machado, Oliveira and Fernandes
    /// 2009), and as text all have a contrast of 4.5 : 1 or more.
    static let style = """
        :root{--bg:#fafaf8;--panel:#fff;--ink:#1b1f24;--soft:#59616b;--hair:#e2e3e5;--grid:#ececee;
        --c0:#0065a8;--c1:#c24e00;--c2:#00805f;--c3:#7d1f6e;--c4:#5a4300;--c5:#2b3138;
        --drop1:#f2c14e;--drop2:#e8963a;--drop3:#d4692a;--drop4:#a8431f;--drop5:#7a2a18;--drop6:#b89c3f;--drop7:#6e6421;--odd1:#d394c2;--odd2:#9b3d86;--odd3:#6f2c75;--odd4:#45204f;--odd5:#b7a4e3;--odd6:#7a63c4;--odd7:#4a3a94;--none:#a9b0b7;--took:#a3c6df}
        @media (prefers-color-scheme:dark){:root{--bg:#14171a;--panel:#1b1f23;--ink:#e9ebed;--soft:#a4acb5;--hair:#30363c;
        --grid:#282d33;--c0:#63b6f0;--c1:#ff9a5c;--c2:#45cba3;--c3:#d07fb8;--c4:#f3e3a0;--c5:#e4e8ec;
        --drop1:#f5d27c;--drop2:#eba552;--drop3:#dd7c40;--drop4:#bd5a37;--drop5:#96432f;--drop6:#d3bd72;--drop7:#948a4b;--odd1:#e9bddc;--odd2:#c77bb3;--odd3:#a25c9f;--odd4:#7d4784;--odd5:#cfc2f0;--odd6:#9f8ddd;--odd7:#7767bd;--none:#6d757d;--took:#2f5e80}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
        "Helvetica Neue","Noto Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}
        main{max-width:1120px;margin:0 auto;padding:36px 28px 56px}
        header{margin-bottom:24px}
        h1{font-size:27px;line-height:1.25;font-weight:650;letter-spacing:-.012em;margin:2px 0 6px;overflow-wrap:anywhere}
        h2{font-size:18px;font-weight:650;margin:40px 0 14px;letter-spacing:-.005em}
        h3{font-size:15px;font-weight:650;margin:0}
        p{margin:0 0 8px}
        .kicker{color:var(--soft);font-size:13px;margin:0}
        .lead{color:var(--soft);margin:0;max-width:78ch;overflow-wrap:anywhere}
        .status{display:inline-block;font-size:12.5px;font-weight:600;border:1px solid currentColor;border-radius:99px;
        padding:1px 10px;margin-top:12px;color:var(--c5)}
        .status.good{color:var(--c2)}.status.open{color:var(--c1)}
        .tiles{display:grid;grid-template-columns:repeat(var(--n),1fr);gap:1px;background:var(--panel);
        border:1px solid var(--hair);border-radius:10px;overflow:hidden;margin:0}
        .tiles div{box-shadow:0 0 0 1px var(--hair);padding:14px 16px}
        .tiles dt{font-size:12.5px;color:var(--soft)}
        .tiles dd{margin:1px 0 0;font-size:23px;font-weight:620;letter-spacing:-.01em;line-height:1.25}
        .tiles dd.note{font-size:12.5px;font-weight:400;letter-spacing:0;color:var(--soft);line-height:1.4;margin-top:2px}
        .grid{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px}
        .full{grid-column:1/-1}
        figure,.panel{background:var(--panel);border:1px solid var(--hair);border-radius:10px;margin:0;padding:16px 18px 14px;
        min-width:0}
        figcaption p,.note,.axis,.key{font-size:12.5px;color:var(--soft);margin:1px 0 0}
        .plot{position:relative;height:var(--h);margin:18px var(--r) 26px var(--l);touch-action:pan-y}
        .plot svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible;display:block}
        .axis{margin:0 var(--r) 0 var(--l);text-align:center}
        .note{margin-top:6px}
        path{vector-effect:non-scaling-stroke;fill:none}
        .rules{stroke:var(--grid);stroke-width:1}
        .line{stroke-width:1.9;stroke-linejoin:round;stroke-linecap:round}
        .long .line{stroke-width:1.3}
        .dot{stroke-width:5;stroke-linecap:round}
        .dashed{stroke-dasharray:6 4}
        .dot.dashed{stroke-dasharray:none}
        .level{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:3 4}
        .mark{stroke:var(--c1);stroke-width:2}
        .ty,.tx,.end{position:absolute;font-size:12px;line-height:1;white-space:nowrap;color:var(--soft)}
        .ty{right:100%;margin-right:8px;transform:translateY(-50%)}
        .tx{top:100%;margin-top:8px;transform:translateX(-50%)}
        .end{left:100%;margin-left:9px;transform:translateY(-50%)}
        .end b{font-weight:620}
        .c0{--c:var(--c0)}.c1{--c:var(--c1)}.c2{--c:var(--c2)}.c3{--c:var(--c3)}.c4{--c:var(--c4)}.c5{--c:var(--c5)}
        .soft{--c:var(--soft)}
        .d1{--c:var(--drop1)}.d2{--c:var(--drop2)}.d3{--c:var(--drop3)}.d4{--c:var(--drop4)}.d5{--c:var(--drop5)}
        .d6{--c:var(--drop6)}.d7{--c:var(--drop7)}.o5{--c:var(--odd5)}.o6{--c:var(--odd6)}.o7{--c:var(--odd7)}
        .took{--c:var(--took)}.o1{--c:var(--odd1)}.o2{--c:var(--odd2)}.o3{--c:var(--odd3)}.o4{--c:var(--odd4)}
        .none{--c:var(--none)}
        .line,.dot{stroke:var(--c)}.band{fill:var(--c);opacity:.16}.bar{fill:var(--c)}.end{color:var(--c)}
        .key{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:2px 16px;margin:8px 0 0}
        .swatch{display:inline-block;width:10px;height:10px;border-radius:2px;background:var(--c);margin-right:6px}
        .swatch.stroke{height:0;width:20px;border-top:3px solid var(--c);background:none;border-radius:0;vertical-align:middle}
        .swatch.stroke.dashed{border-top-style:dashed}
        .strip path.range{stroke:var(--c);stroke-width:1.5}.strip path.tenths{stroke:var(--c);stroke-width:9;opacity:.32}
        .strip path.half{stroke:var(--c);stroke-width:9;opacity:.75}.strip path.middle{stroke:var(--panel);stroke-width:3}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:13.5px}
        .caption{color:var(--soft);font-size:12.5px;margin:0 0 8px}
        th,td{padding:5px 14px 5px 0;text-align:left;vertical-align:top;border-top:1px solid var(--hair);font-weight:400}
        thead th{border-top:0;color:var(--soft);font-size:12.5px;vertical-align:bottom}
        tbody th{color:var(--soft);min-width:7.5em}td{overflow-wrap:anywhere}
        .n{text-align:right;white-space:nowrap;padding-right:0;padding-left:14px}
        thead .n{white-space:normal}
        tr.group th{font-weight:650;color:var(--ink);padding-top:12px;border-top:0}
        details summary{cursor:pointer;font-weight:600}
        details[open] summary{margin-bottom:10px}
        code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
        footer{margin-top:40px;color:var(--soft);font-size:12.5px}
        .cursor{position:absolute;top:0;bottom:0;width:1px;background:var(--soft);pointer-events:none}
        .tip{position:absolute;z-index:2;top:4px;background:var(--panel);border:1px solid var(--hair);border-radius:7px;
        box-shadow:0 3px 14px rgba(0,0,0,.16);padding:7px 11px;font-size:12.5px;line-height:1.45;pointer-events:none;
        white-space:nowrap}
        .tip b{display:block}.tip i{margin-right:6px}
        [hidden]{display:none}

        """ + narrowAndPrint

    private static let narrowAndPrint = """
        @media screen and (max-width:760px){main{padding:22px 14px 40px}.grid{grid-template-columns:minmax(0,1fr)}h1{font-size:22px}
        h2{margin-top:30px}.tiles{grid-template-columns:repeat(2,1fr)}.tiles div:last-child:nth-child(odd){grid-column:1/-1}
        figure,.panel{padding:13px 12px 11px}.plot{margin-right:var(--rn)}.axis{margin-right:var(--rn)}
        .end span,.tx.wide{display:none}}
        @page{size:A4;margin:14mm}
        @media print{:root{--bg:#fff;--panel:#fff;--ink:#000;--soft:#4a5058;--hair:#d5d7da;--grid:#e6e7e9;
        --c0:#0065a8;--c1:#c24e00;--c2:#00805f;--c3:#7d1f6e;--c4:#5a4300;--c5:#2b3138}
        body{font-size:10.5pt}main{max-width:none;padding:0}h2{margin-top:22px;break-after:avoid}
        figure,.tiles,tr{break-inside:avoid}.grid{gap:10px}figure,.panel{padding:10px 12px}
        *{-webkit-print-color-adjust:exact;print-color-adjust:exact}.rounds,.tip,.cursor{display:none}
        .scroll{overflow:visible}table{font-size:9.5pt}.n{padding-left:6px}
        .plot{height:calc(var(--h)*.68)}.strip{height:var(--h)}.tx,.ty,.end{font-size:10px}.tiles{grid-template-columns:repeat(var(--n),1fr)}.tiles dd{font-size:17px}.tiles div{padding:8px 12px}
        header{margin-bottom:12px}}

        """
}
