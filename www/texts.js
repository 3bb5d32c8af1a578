// Every sentence that a script shows. The page's standing text is in index.html.

/** @param {number} bytes */
const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 9.95e6 ? 1 : 0);

/** @param {string[]} titles best first */
const inOrder = ([best, ...others]) => `${best}${others.length ? `, then ${others.join(" and ")}` : ""}.`;

export const texts = {
  /** @param {number} loaded @param {number} total in bytes */
  downloading: (loaded, total) => `Downloading ${megabytes(loaded)} of ${megabytes(Math.max(loaded, total))} MB`,
  starting: "The network is being fetched.",
  preparing: "Preparing the network…",
  ready: "Ready. Press Speak and describe a photograph.",
  readyAgain: "Ready. Press Speak and describe another.",
  readyWithoutMicrophone: "Ready. Choose a sound file, or try an example.",
  waiting: "Ready in a moment: your sound comes first.",
  permission: "Please allow the microphone.",
  listening: "Listening. Describe a photograph.",
  searching: "Searching…",
  cancelled: "Cancelled. Press Speak to try again.",
  failed: "Not ready.",

  /** @param {string[]} titles best first */
  found: (titles) => `Best match: ${inOrder(titles)}`,
  /** @param {string[]} titles best first */
  unsure: (titles) => `Not sure that any photograph shows this. Nearest: ${inOrder(titles)}`,
  /** @param {string} device @param {number} [milliseconds] of the last search */
  device: (device, milliseconds) =>
    `Running on: ${device}${milliseconds === undefined ? "" : ` · found in ${(milliseconds / 1000).toFixed(2)} s`}`,
  /** @param {number} loaded @param {number} total in bytes */
  student: (loaded, total) => `A small network answers first; the whole one arrives (${megabytes(loaded)} of ${megabytes(total)} MB).`,
  /** @param {number} seconds */
  seconds: (seconds) => `${seconds.toFixed(1)} s`,
  /** @param {string} voice */
  voice: (voice) => `Synthetic voice: ${voice}`,
  /** @param {number} rank */
  rank: (rank) => `${rank}`,
  /** @param {number} score */
  score: (score) => score.toFixed(2).replace("-", "−"),

  speak: "Speak",
  stop: "Stop",
  play: "Play what I said",
  playFile: "Play the sound",
  pause: "Stop playing",
  retry: "Try again",
  useProcessor: "Go on with the processor",

  /** @param {string} title of a photograph @param {string[]} titles of the nearest */
  alike: (title, titles) => `Most like “${title}”: ${inOrder(titles)}`,
  captions: {
    searching: "Looking for what was said of it…",
    notReady: "The network is still getting ready.",
    synthetic: "The voices are synthetic. The number says how near a caption is.",
    none: "This gallery has no spoken captions yet. What you say joins them.",
    own: "What you said",
    ofThis: "Said of this photograph",
    /** @param {string} title */
    ofOther: (title) => `Said of “${title}”`,
    byYou: "Your recording, on this page only",
    /** @param {string} text */
    play: (text) => `Play “${text}”`,
  },

  why: {
    play: "Play it with the map",
    computing: "Looking where the score comes from…",
    /** @param {number} score */
    whole: (score) => `What is bright spoke for it; together all moments and places make its score, ${score.toFixed(2).replace("-", "−")}.`,
    /** @param {number} seconds */
    moment: (seconds) => `At ${seconds.toFixed(1)} s these places spoke for it.`,
    /** @param {number} row @param {number} column @param {number} seconds */
    region: (row, column, seconds) => `Place ${row} down, ${column} across: loudest at ${seconds.toFixed(1)} s, which you hear.`,
  },

  own: {
    waiting: "Your pictures are looked at as soon as the network is ready.",
    /** @param {number} loaded @param {number} total in bytes */
    downloading: (loaded, total) => `Fetching the picture network: ${megabytes(loaded)} of ${megabytes(total)} MB`,
    /** @param {number} number @param {number} all @param {number} left in seconds */
    looking: (number, all, left) => `Looking at picture ${number} of ${all}${number > 3 && left > 5 ? `, about ${left < 90 ? `${Math.ceil(left / 5) * 5} seconds` : `${Math.ceil(left / 60)} minutes`} left` : ""}…`,
    /** @param {number} added @param {number} all */
    done: (added, all) => added === 0 ? "No picture was added." : `${added === 1 ? "1 picture" : `${added} pictures`} added. ${all === 1 ? "It is" : `All ${all} are`} on the wall and searched too.`,
    /** @param {string} title */
    removed: (title) => `“${title}” is removed.`,
    /** @param {string} name @param {string} why */
    leftOut: (name, why) => `${name}: ${why}`,
    /** @param {number} count */
    more: (count) => `${count === 1 ? "One other file was" : `${count} other files were`} left out as well.`,
    /** @param {string} title */
    alt: (title) => `Your picture “${title}”`,
    kept: "Yours: it is kept in this browser only",
    notLasting: "This browser keeps nothing for this page: your pictures stay until you close it.",
    untitled: "Untitled",
    photo: "Photo",
    insecureCamera: "The camera only opens on a secure page (https or localhost). Choose a picture instead.",
    cameraDenied: "The camera is not allowed. Allow it in the browser’s address bar, or choose a picture.",
    noCamera: "No camera was found. Choose a picture instead.",
    emptyFolder: "There is no picture in this folder. Choose one with jpeg, png, webp, gif or bmp files.",
    tooLarge: "This file is too large. Choose a picture of at most 256 MB.",
    unreadable: "This picture could not be read. Save it as JPEG and choose that.",
    lost: "Your pictures could not be reached. Reload the page.",
  },

  vgg16: {
    notReady: "The page is busy or still getting ready. Choose the file again in a moment.",
    /** @param {number} loaded @param {number} total in bytes */
    reading: (loaded, total) => `Reading ${megabytes(loaded)} of ${megabytes(total)} MB`,
    loaded: "VGG16 is loaded. Choose a picture.",
    computing: "Computing… This may take some seconds, and a search waits until it is done.",
    done: "Done. Choose another picture, or save the features.",
    lost: "The network was started anew and VGG16 is gone. Choose the checkpoint again.",
    unreadable: "This file could not be read. Choose it again.",
    largePicture: "This picture file is too large. Choose one of at most 64 MB.",
    /** @param {number} seconds */
    seconds: (seconds) => `${seconds.toFixed(2)} s`,
    /** @param {number} above @param {number} all */
    aboveZero: (above, all) => `${above} of ${all}`,
    /** @param {[number, number][]} features number and value */
    strongest: (features) => features.map(([number, value]) => `${number}: ${value.toFixed(3)}`).join(", "),
  },

  errors: {
    noWebAssembly: "This browser cannot run WebAssembly. Open the page in a current Firefox, Chrome, Edge or Safari.",
    noSimd: "This browser is too old for fast WebAssembly. Update it, or open the page in a current Firefox, Chrome, Edge or Safari.",
    /** @param {string} what */
    fetch: (what) => `${what} could not be downloaded. Check your connection and try again.`,
    /** @param {string} what */
    damaged: (what) => `${what} arrived damaged. Try again, and reload the page if that does not help.`,
    program: "The program could not be started. Reload the page, or open it in another browser.",
    insecure: "The microphone only opens on a secure page (https or localhost). Choose a sound file instead.",
    unreadable: "This file could not be read as sound. Try a wav, mp3, ogg, m4a or webm file.",
    /** @param {number} seconds */
    tooLong: (seconds) => `This recording is ${Math.round(seconds)} seconds long. Choose one of at most 20 seconds.`,
    tooLarge: "This file is too large. Choose a recording of at most 20 seconds.",
    crashed: "The network stopped. It is being started again on the processor, and your query goes on.",
    deviceLost: "The graphics processor stopped answering. Your query goes on with the processor.",
    crashedAgain: "The network stopped again. Try again, or reload the page.",
    /** @param {string} reason */
    whole: (reason) => `${reason} Until then a smaller network answers, which finds less.`,
    storage: "The browser’s storage did not answer. Reload the page and try again.",
    storageFull: "The browser has no room left to keep this. It stays until you close the page; remove pictures to make room.",
    unknown: "Something went wrong. Try again, and reload the page if that does not help.",
  },

  files: {
    gallery: "The list of photographs",
    program: "The program",
    model: "The list of the model's files",
    speech: "The speech network",
    picture: "The picture network",
    index: "The photographs' index",
    photograph: "The photograph",
    example: "The example",
    captions: "The library of spoken captions",
    caption: "The caption",
  },
};
