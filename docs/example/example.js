import init, { Engine } from "../../pkg/hearsight.js"; // from npm: "hearsight"
const [input, output] = [document.querySelector("input"), document.querySelector("output")];
const bytes = async (path) => new Uint8Array(await (await fetch(new URL(`../../www/${path}`, import.meta.url))).arrayBuffer());
const { pictures } = JSON.parse(new TextDecoder().decode(await bytes("gallery/gallery.json")));
await init();
const engine = await Engine.start({ device: "auto", speech: await bytes("models/speech.safetensors"), index: await bytes("gallery/index.safetensors") });
const decode = async (file) => new AudioContext().decodeAudioData(await file.arrayBuffer());
const search = async (sound) => (await engine.search(sound.getChannelData(0), sound.sampleRate)).results.slice(0, 3);
const titles = (results) => results.map(({ id }) => pictures.find((picture) => picture.id === id).title).join("; ");
Object.assign(input, { disabled: false, onchange: () => decode(input.files[0]).then(search).then(titles).catch((error) => error.message).then((text) => (output.value = text)) });
