// Builds everything that a browser loads into static/dist: one stylesheet, one
// script, one small script that must run before the first paint, one sprite of
// icons and the fonts. Names carry a hash of the content, so that browsers may
// keep them for ever; manifest.json maps the plain name to the hashed one.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { PurgeCSS } from "purgecss";

const here = path.dirname(fileURLToPath(import.meta.url));
const at = (...parts) => path.join(here, ...parts);
const dist = at("static", "dist");
const work = at("node_modules", ".holdfast");

// Tabler's stylesheet without the rules that no page of ours uses.
async function trimTabler() {
  const [result] = await new PurgeCSS().purge({
    css: [at("node_modules/@tabler/core/dist/css/tabler.min.css")],
    content: [at("ui/**/*.templ"), at("page/**/*.templ"), at("ui/**/*.go"), at("static/js/**/*.js")],
    safelist: { standard: ["html", "body", "show"], deep: [/data-bs-theme/] },
    variables: true,
    keyframes: true,
    fontFace: true,
  });
  await writeFile(path.join(work, "tabler.css"), result.css.replace(/\/\*# sourceMappingURL.*?\*\//g, ""));
}

// The two subsets of Inter that English and French need.
async function pickFont() {
  const folder = at("node_modules/@fontsource-variable/inter");
  const css = await readFile(path.join(folder, "wght.css"), "utf8");
  const faces = css.match(/@font-face\s*{[^}]*}/g).filter((face) => /inter-latin(-ext)?-wght-normal/.test(face));
  if (faces.length !== 2) throw new Error(`expected two faces of Inter, found ${faces.length}`);
  await writeFile(path.join(work, "font.css"), faces.join("\n").replaceAll("./files/", `${folder}/files/`));
}

// One sprite of the icons that static/icons.txt names, and our own glyphs.
async function drawSprite() {
  const names = (await readFile(at("static/icons.txt"), "utf8")).split("\n").filter(Boolean);
  const symbols = await Promise.all(names.map(async (name) => {
    const svg = await readFile(at(`node_modules/@tabler/icons/icons/outline/${name}.svg`), "utf8");
    const shapes = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace("</svg>", "")
      .split("\n").map((line) => line.trim()).filter((line) => line && !line.includes('stroke="none"'));
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.join("")}</symbol>`;
  }));
  const glyphs = await readFile(at("static/glyphs.svg"), "utf8");
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n${glyphs}</svg>\n`;
}

const hashed = (name, content) => {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const { name: stem, ext } = path.parse(name);
  return `${stem}-${hash}${ext}`;
};

async function main() {
  await mkdir(work, { recursive: true });
  await mkdir(dist, { recursive: true });
  await Promise.all([trimTabler(), pickFont()]);

  const bundle = await build({
    entryPoints: { hf: at("static/css/hf.css"), app: at("static/js/app.js"), theme: at("static/js/theme.js") },
    bundle: true, minify: true, metafile: true, write: false, outdir: dist, target: "es2022",
    entryNames: "[name]-[hash]", assetNames: "[name]-[hash]", loader: { ".woff2": "file" },
    alias: { "holdfast:tabler": path.join(work, "tabler.css"), "holdfast:font": path.join(work, "font.css") },
    nodePaths: [at("node_modules")], legalComments: "eof", logLevel: "warning",
  });
  const manifest = {};
  for (const file of bundle.outputFiles) {
    const name = path.basename(file.path);
    manifest[name.replace(/-[A-Z0-9]{8}(\.\w+)$/, "$1")] = name;
    await writeFile(file.path, file.contents);
  }
  for (const [name, content] of [["icons.svg", await drawSprite()], ["favicon.svg", await readFile(at("static/favicon.svg"))]]) {
    manifest[name] = hashed(name, content);
    await writeFile(path.join(dist, manifest[name]), content);
  }
  await writeFile(path.join(dist, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
  // Old files go last, so that at every moment the folder holds a whole set.
  const keep = new Set([".keep", ".made", "manifest.json", ...Object.values(manifest)]);
  for (const old of await readdir(dist)) if (!keep.has(old)) await rm(path.join(dist, old), { force: true });
}

await main();
