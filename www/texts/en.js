// Every sentence that a script shows, in English. The other languages have the same keys; what index.html says is there.

import { numbersIn } from "./numbers.js";

/** @import { About, Exam, Pulled, SystemFacts } from "../types.d.ts" */

const { counted, fixed, listed, megabytes, number, percent } = numbersIn("en");

/** @param {string[]} titles best first */
const inOrder = ([best, ...others]) => `${best}${others.length ? `, then ${others.join(" and ")}` : ""}.`;

export const texts = {
  /** What index.html says; its English is there. @type {Record<string, string>} */
  standing: {},

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
    `Running on: ${device}${milliseconds === undefined ? "" : ` · found in ${fixed(milliseconds / 1000, 2)} s`}.`,
  /** Milliseconds that each took for the same clip, in which the faster one was chosen. @param {number} gpu @param {number} cpu */
  devicesMeasured: (gpu, cpu) => `Measured: graphics processor ${fixed(gpu, 0)} ms, processor ${fixed(cpu, 0)} ms.`,
  /** Why it is the processor. */
  devicesTried: {
    software: "WebGPU runs in software here, so the processor is faster.",
    differs: "The graphics processor computed something else than the processor, so the processor is used.",
    late: "The graphics processor took too long to get ready, so the processor is used.",
  },
  /** @param {number} loaded @param {number} total in bytes */
  student: (loaded, total) => `A small network answers first; the whole one arrives (${megabytes(loaded)} of ${megabytes(total)} MB).`,
  /** @param {number} seconds */
  seconds: (seconds) => `${fixed(seconds, 1)} s`,
  /** @param {string} voice */
  voice: (voice) => `Synthetic voice: ${voice}`,
  /** @param {number} rank */
  rank: (rank) => `${rank}`,
  /** @param {number} score */
  score: (score) => fixed(score, 2),

  speak: "Speak",
  stop: "Stop",
  play: "Play what I said",
  playFile: "Play the sound",
  pause: "Stop playing",
  retry: "Try again",
  losing: "Something that is being taught is not kept yet. Change the language and lose it?",
  useProcessor: "Go on with the processor",

  wallNothing: "Nothing here comes near to what you said.",
  /** @param {number} count */
  wallEnd: (count) => `${count === 1 ? "One photograph comes" : `${number(count)} photographs come`} near to what you said.`,
  /** @param {number} count */
  wallUnfold: (count) => `Show the other ${number(count)}, nearest first`,
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
    whole: (score) => `What is bright spoke for it; together all moments and places make its score, ${fixed(score, 2)}.`,
    /** @param {number} seconds */
    moment: (seconds) => `At ${fixed(seconds, 1)} s these places spoke for it.`,
    /** @param {number} row @param {number} column @param {number} seconds */
    region: (row, column, seconds) => `Place ${row} down, ${column} across: loudest at ${fixed(seconds, 1)} s, which you hear.`,
  },

  teach: {
    notReady: "You can train as soon as the whole network is here.",
    nothing: "Record something first.",
    /** @param {number} count */
    ready: (count) => `${counted(count, "recording is", "recordings are")} ready.`,
    record: "Record",
    /** @param {string} title */
    recordOf: (title) => `Record for “${title}”`,
    files: "Sound files",
    /** @param {string} title */
    filesOf: (title) => `Sound files for “${title}”`,
    leave: "Leave it out",
    /** @param {string} title */
    leaveOf: (title) => `Leave it out: ${title}`,
    /** @param {number} number */
    play: (number) => `Play recording ${number}`,
    redo: "Redo",
    /** @param {number} number */
    redoOf: (number) => `Redo recording ${number}`,
    remove: "Delete",
    /** @param {number} number */
    removeOf: (number) => `Delete recording ${number}`,
    /** @param {number} seconds */
    recording: (seconds) => `Recording, ${fixed(seconds, 1)} s`,
    kept: "Kept in this browser.",
    notLasting: "This browser keeps nothing for this page: the recording stays until you close it. Save the zip.",
    week: "Safari deletes it when you have not been here for a week: save the zip.",
    pictureGone: "A picture that is no longer here",
    hasRecordings: "This photograph has recordings. Delete them to take it out.",
    clear: "Delete all recordings of this lesson? Save the zip first if you want them back.",
    /** @param {number} count @param {number} pictures @param {number} bytes */
    stored: (count, pictures, bytes) => count === 0 ? "Nothing is recorded yet." : `${counted(count, "recording", "recordings")} of ${counted(pictures, "photograph", "photographs")}, ${megabytes(Math.max(bytes, 1e5))} MB in this browser.`,
    importing: "Reading…",
    /** @param {number} count */
    imported: (count) => `${counted(count, "recording was", "recordings were")} read.`,
    /** @param {number} count */
    thereAlready: (count) => `${counted(count, "recording was", "recordings were")} there already.`,
    importWaits: "Your files are read as soon as the whole network is here.",
    notPacked: "The recordings could not be packed into one zip. Delete some of them and try again.",
    notInZip: "Recordings of pictures that are no longer here are not in the zip.",
    noTable: "There is no table here. Add a pairs.tsv with the columns image and audio, separated by tabs.",
    /** @param {string} name */
    guessed: (name) => `${name}: this is no Unicode text, and was read as Windows-1252. If letters look wrong, save it as CSV UTF-8.`,
    noClip: "This clip is not there. Correct the table or add the file.",
    /** @param {string} name */
    noPicture: (name) => `The picture ${name} is neither on the wall nor in the folder. Add it.`,
    /** @param {number} done @param {number} all */
    listening: (done, all) => `Listening to clip ${done} of ${all}…`,
    /** @param {number} step @param {number} steps @param {number} left in seconds */
    step: (step, steps, left) => `Step ${step} of ${steps}${left > 1 ? `, about ${left < 90 ? `${Math.ceil(left)} seconds` : `${Math.ceil(left / 60)} minutes`} left` : ""}.`,
    /** @param {Exam} now */
    recall: ({ taught, gallery }) => [taught && `Your recordings, heard otherwise: ${percent(taught.r10)} among ten of ${taught.pictures}.`, gallery && `Old captions: ${percent(gallery.r10)} of ${gallery.pictures}.`].filter(Boolean).join(" "),
    pause: "Pause",
    resume: "Go on",
    cancelled: "Cancelled. Nothing has changed.",
    /** @param {number} step */
    crashed: (step) => `The engine stopped at step ${step} and was started again. What it had learned some seconds before is kept below as unfinished; nothing else has changed.`,
    /** @param {string} one @param {string} other */
    contradiction: (one, other) => `“${one}” and “${other}” were taught the very same recording: it can only find one of them.`,
    done: "Done. Nothing changes until you keep it.",
    notKept: "This browser could not keep it, and it is not lost: try again, or save it as a file and open that later.",
    yours: "Your recordings, heard otherwise",
    gallery: "Old captions, not rehearsed",
    /** @param {number} clips @param {number} pictures */
    pool: (clips, pictures) => `${counted(clips, "clip", "clips")} among ${counted(pictures, "picture", "pictures")}`,
    /** @param {number} number */
    query: (number) => `Search ${number}`,
    /** @param {string} titles */
    beforeIt: (titles) => `Before: ${titles}`,
    /** @param {string} titles */
    afterIt: (titles) => `After: ${titles}`,
    nameless: "What I taught",
    /** @param {number} pictures @param {string} made ISO 8601 */
    nameOf: (pictures, made) => `${counted(pictures, "photograph", "photographs")}, ${made.slice(0, 10)}`,
    /** @param {string} name */
    keptVersion: (name) => `“${name}” is kept and answers from now on.`,
    asItCame: "As it came",
    /** @param {number} step @param {number} steps */
    unfinished: (step, steps) => `Unfinished, step ${step} of ${steps}`,
    /** @param {About} about */
    facts: ({ made, pictures, recordings, steps, before, after }) =>
      `${made.slice(0, 16).replace("T", " ")} · ${pictures} pictures, ${recordings} views of recordings, ${steps} steps${before.taught && after.taught ? ` · among ten: ${percent(before.taught.r10)} before, ${percent(after.taught.r10)} after` : ""}${before.gallery && after.gallery ? ` · old captions: ${percent(before.gallery.r10)} before, ${percent(after.gallery.r10)} after` : ""}`,
    saveFile: "Save as .hearsight",
    saveTensors: "Save as safetensors",
    rename: "Rename",
    delete: "Delete",
    newName: "What shall it be called?",
    /** @param {string} name */
    deleteSure: (name) => `Delete “${name}” for good?`,
    /** @param {string} name */
    uses: (name) => `“${name}” answers from now on.`,
    usesNone: "The network answers as it came.",
    /** @param {string} name */
    opened: (name) => `“${name}” is opened and answers from now on.`,
    /** @param {string} name */
    inUse: (name) => `Taught: ${name}.`,
  },

  compare: {
    title: "Compare.",
    lead: "hearsight grew out of a poster with three systems. Hear what they make of the same clip, and watch its two losses at work.",
    two: "Two systems, one clip",
    system: "The poster’s system",
    p0: "P0: the network and the loss of 2016",
    p1: "P1: the same network, the poster’s six-term loss",
    p2: "P2: with the temporal branch beside it",
    shipped: "The network that ships",
    shippedFacts: "Whisper’s encoder (8 million parameters, frozen) with two readers of its own, one of whole clips and one of word-like units, trained on some 100,000 clips of synthetic speech. Of 656 clips in voices and wording that it never heard, it has the right photograph among the first ten of 328 for 86 % (95 % interval 84 to 88 %). Scores are cosines.",
    choose: "Choose one",
    chooseFirst: "Choose one of the poster’s systems: it is fetched then.",
    honest: "The poster’s systems are small here and heard each of their clips, all of them synthetic, about once: they often miss. That is what a reproduction on two processors looks like.",
    speakFirst: "Speak, or choose an example: both answer it.",
    ranking: "Both are ranking…",
    /** @param {number} loaded @param {number} total in bytes */
    fetching: (loaded, total) => `Fetching the system: ${megabytes(loaded)} of ${megabytes(total)} MB`,
    /** @param {SystemFacts} facts */
    facts: ({ parameters, trained, measured }) =>
      `${number(parameters)} parameters, trained on ${number(trained.clips)} clips about ${number(trained.pictures)} photographs. Of ${number(measured.clips)} other clips it finds ${percent(measured.r10)} among ten of ${number(measured.pictures)} photographs (95 % interval ${percent(measured.r10_interval[0])} to ${percent(measured.r10_interval[1])}). Scores are inner products of any size.`,
    /** @param {number | undefined} found by the system of full size, as printed */
    printed: (found) => (found ? `The poster prints ${percent(found)} among ten of 1024, for a network of full size that learned from people’s recordings.` : "What the poster printed for it has not survived."),
    /** @param {string} title @param {number} place @param {number} all */
    done: (title, place, all) => `What ships puts “${title}” first; the poster’s system puts it at ${number(place)} of ${number(all)}.`,
  },

  experiment: {
    title: "The loss as an experiment",
    intro: "A dot is a spoken caption, a ring the photograph it describes. Two small layers start from the same random weights, twice: once the hinge of 2016 pulls the pairs together, once the poster’s six terms.",
    how: "Behind the layers every vector has 16 numbers and length one, so a score is a cosine; the margin is 1, as in the paper. Both draw the same batches and the same imposters. Six terms add up to about three times as much as two: compare what is found, not the losses. The map is the plane in which the vectors differ most.",
    baseline: "The hinge of 2016",
    sixTerms: "The poster’s six terms",
    run: "Run",
    /** @param {number} step @param {number} seed */
    step: (step, seed) => `Step ${number(step)}, start number ${number(seed)}.`,
    /** @param {number} step @param {number} seed @param {Pulled} baseline @param {Pulled} sixTerms */
    rested: (step, seed, baseline, sixTerms) =>
      `Step ${number(step)}, start number ${number(seed)}. Found first of the pairs that are learned and of those held out: the hinge ${percent(baseline.found)} and ${percent(baseline.held_out_found)}, the six terms ${percent(sixTerms.found)} and ${percent(sixTerms.held_out_found)}.`,
    oneStep: "One step",
    seed: "Start anew from other weights",
    rate: "Learning rate",
    map: "Map of the pairs",
    fetching: "Fetching the spoken captions…",
    /** @param {Pulled} look @param {number | null} loss @returns {[string, string][]} */
    figures: ({ pairs, found, held_out_found, own, others, variance_kept, neighbours_kept }, loss) => [
      ["Loss of a pair", loss === null ? "–" : fixed(loss, 3)],
      [`Found first, of ${number(pairs)} that it learns`, percent(found)],
      [`Found first, of ${number(pairs)} held out`, percent(held_out_found)],
      ["Cosine with one’s own photograph", fixed(own, 2)],
      ["Cosine with the others", fixed(others, 2)],
      ["Of the differences, the map keeps", percent(variance_kept)],
      ["Of neighbours, the map keeps", percent(neighbours_kept)],
    ],
  },

  how: {
    number,
    value: (/** @type {number} */ value) => fixed(value, 3),
    percent,
    hertz: (/** @type {number} */ value) => `${Math.round(value)} Hz`,
    seconds: (/** @type {number} */ value) => `${fixed(value, 2)} s`,
    of: (/** @type {number} */ one, /** @type {number} */ all) => `${one} of ${all}`,
    count: (/** @type {number} */ at, /** @type {number} */ all) => (at === 0 ? "" : `${at} of ${all}`),
    full: "Full screen",
    leaveFull: "Leave full screen",
    speakFirst: "Speak first, or choose an example: the stages show your own clip.",
    computing: "Following your clip through the network…",
    /** @param {number} loaded @param {number} total in bytes */
    fetching: (loaded, total) => `Fetching the poster’s second system: ${megabytes(loaded)} of ${megabytes(total)} MB`,
    speak: {
      title: "How it works",
      text: "Say one sentence about a photograph. Then walk with the arrow keys, or a clicker, through what the network does with your own voice.",
    },
    sound: {
      title: "Your voice is a row of numbers",
      /** @param {number} recorded @param {number} heard a second */
      text: (recorded, heard) => `${number(recorded)} times a second the microphone measured the pressure of the air. The network hears ${number(heard)} of these numbers a second, and only the shaded part, where somebody speaks.`,
      recorded: "Numbers recorded",
      speech: "Speech lasts",
      begins: "It begins at",
      heard: "Numbers heard",
    },
    frames: {
      title: "A picture of your voice",
      /** @param {number} hop in milliseconds @param {number} window in milliseconds @param {number} bands */
      text: (hop, window, bands) => `Every ${hop} ms (the hop) a window of ${window} ms is cut out, and its pitches are sorted into ${bands} bands: that column is a frame. All frames side by side are the spectrogram. Up and down move the marked frame.`,
      frame: "Frame",
      at: "At",
      loudest: "Loudest band",
      all: "Numbers in all",
    },
    filters: {
      title: "The first filters answer",
      /** @param {number} all @param {number} width in frames @param {number} shown */
      text: (all, width, shown) => `The first layer has ${all} filters, each looking for a pattern of ${width} frames. These ${shown} answer you most. On the left what a filter looks for, low pitch to high; on the right where it found it.`,
      filter: "Filter",
      strongest: "Answers most at",
      answer: "How strongly",
    },
    temporal: {
      title: "Looking further and further back",
      text: "The poster’s second system listens with dilated filters: each layer leaves wider gaps and so sees further into the past. The red part is what the marked layer knows of at the last moment; the line is how strongly it answers.",
      layer: "Layer",
      dilation: "Dilation",
      field: "It sees back",
      speech: "You spoke",
      /** @param {number} count @param {number} seconds */
      frames: (count, seconds) => `${count} frames, ${fixed(seconds, 2)} s`,
      /** @param {string} name @param {number} kernel @param {number} dilation */
      layerName: (name, kernel, dilation) => `${{ banks: "Filter banks", local: "Local filters", pool: "Max pool", "stack-1": "First stack", "stack-2": "Second stack" }[name] ?? name}: kernel ${kernel}, dilation ${dilation}`,
    },
    moments: {
      title: "Some moments count more",
      /** @param {number} rate a second @param {number} heads */
      text: (rate, heads) => `Now every moment has looked at all others. ${heads} heads weigh the moments, ${rate} a second, and add them up. Bright moments count most: these are often the words that name things.`,
      head: "Head",
      most: "Listens most at",
      share: "Share of that moment",
      moments: "Moments",
      units: "Under the sound stand the units that were read: words and pieces of words, each with the photographs nearest to what it means. The letters only say which piece a unit was learned from; they are shown in this lesson alone, and nothing searches them.",
      read: "Units read",
    },
    vector: {
      title: "All of it becomes one point",
      /** @param {number} width */
      text: (width) => `However long you speak, ${width} numbers are left: a point in a space of ${width} dimensions. Every photograph has such a point too. They all lie at distance 1 from the middle.`,
      place: "Number",
      value: "Its value",
      length: "Distance from the middle",
    },
    map: {
      title: "The shared space, pressed flat",
      /** @param {number} width @param {number} pictures */
      text: (width, pictures) => `Your voice among ${pictures} photographs. Paper has 2 dimensions and the space ${width}, so most of it is lost: what is near in the space may lie apart here. The lines lead to the photographs that are really nearest.`,
      /** @param {number} rank */
      near: (rank) => `Nearest, number ${rank}`,
      score: "Its score",
      variance: "Of the differences, the map keeps",
      neighbours: "Of ten neighbours, still neighbours",
      you: "You",
    },
    score: {
      title: "The score is a sum over time",
      /** @param {string} title */
      text: (title) => `What each moment adds to the score of “${title}”, up for it and down against it. The line adds them up: it ends at the score.`,
      moment: "Moment",
      adds: "It adds",
      sofar: "So far",
      all: "The whole score",
    },
    ranking: {
      title: "The ranking",
      /** @param {number} count @param {boolean} sure */
      text: (count, sure) => `All ${count} photographs, sorted by their score: that is the answer. ${sure ? "The first is far enough ahead to be trusted." : "The first is not far enough ahead to be trusted."}`,
      first: "The first",
      lead: "Ahead of the second by",
      last: "The last",
    },
  },

  own: {
    waiting: "Your pictures are looked at as soon as the network is ready.",
    /** @param {number} loaded @param {number} total in bytes */
    downloading: (loaded, total) => `Fetching the picture network: ${megabytes(loaded)} of ${megabytes(total)} MB`,
    /** @param {number} number @param {number} all @param {number} rate pictures a second */
    looking: (number, all, rate) => {
      const left = rate ? (all - number + 1) / rate : 0;
      return `Looking at picture ${number} of ${all}${rate > 0 && number > 3 ? ` · ${fixed(rate, rate < 10 ? 1 : 0)} a second${left > 5 ? ` · about ${left < 90 ? `${Math.ceil(left / 5) * 5} seconds` : `${Math.ceil(left / 60)} minutes`} left` : ""}` : ""}…`;
    },
    pause: "Pause",
    goOn: "Go on",
    /** @param {number} done @param {number} all */
    paused: (done, all) => `Paused after ${done} of ${all}. What is there is searched.`,
    otherTab: "Another tab is taking pictures in. Yours follow.",
    /** @param {number} count */
    renewed: (count) => `${counted(count, "picture was", "pictures were")} looked at anew.`,
    /** @param {number} count */
    known: (count) => `${count === 1 ? "One was" : `${count} were`} there already.`,
    /** @param {number} count */
    copies: (count) => `${count} copies`,
    /** @param {number} count */
    leftTitle: (count) => `${counted(count, "file was", "files were")} left out`,
    copied: "The list is copied.",
    cleared: "All your pictures are deleted here. Your own files are where they were.",
    /** @param {number} all @param {number} recordings */
    clearSure: (all, recordings) => `Delete all ${all} pictures here${recordings ? ` and ${counted(recordings, "recording", "recordings")} of them` : ""}? Your own files stay where they are.`,
    /** @param {number} done @param {number} all */
    importing: (done, all) => `Reading the index: picture ${done} of ${all}…`,
    badIndex: "This is not an index of photographs, or it is cut off. Save it again with “Take my index along”.",
    /** @param {string} name @param {number} count */
    lookingThrough: (name, count) => `Looking through “${name}”${count ? `: ${counted(count, "file", "files")}` : ""}…`,
    /** @param {string} name @param {number} count */
    nothingNew: (name, count) => `Nothing new in “${name}”: ${counted(count, "picture is", "pictures are")} known.`,
    /** @param {string} name */
    lookAgain: (name) => `Look through “${name}” again`,
    /** @param {number} count */
    removeGone: (count) => `Take ${counted(count, "picture", "pictures")} away that ${count === 1 ? "is" : "are"} no longer in it`,
    /** @param {string} name */
    folderDenied: (name) => `The browser may not look into “${name}”. Press the button again and allow it.`,
    /** @param {string} name */
    folderGone: (name) => `“${name}” could not be reached. Connect its disk, or choose the folder again.`,
    /** @param {string} date as `2026-11-29T12:00:00` */
    taken: (date) => new Date(date).toLocaleString("en", { dateStyle: "long", timeStyle: "short" }),
    /** @param {number} north @param {number} east in degrees */
    where: (north, east) => `${fixed(Math.abs(north), 4)}° ${north < 0 ? "S" : "N"}, ${fixed(Math.abs(east), 4)}° ${east < 0 ? "W" : "E"}`,
    /** @param {number} added @param {number} all */
    done: (added, all) => added === 0 ? "No picture was added." : `${counted(added, "picture", "pictures")} added. ${all === 1 ? "It is" : `All ${all} are`} on the wall and searched too.`,
    /** @param {string} title */
    removed: (title) => `“${title}” is removed.`,
    /** @param {string} title @param {number} count */
    removeSure: (title, count) => `Remove “${title}” and ${counted(count, "recording", "recordings")} of it? Save the zip first if you want them back.`,
    /** @param {string} name @param {string} why */
    leftOut: (name, why) => `${name}: ${why}`,
    /** @param {string} name */
    cut: (name) => `${name} ends before its picture does: what is missing is grey. Fetch the file again if you can.`,
    /** @param {number} count */
    more: (count) => `${count === 1 ? "One other file was" : `${count} other files were`} left out as well.`,
    /** @param {string} title */
    alt: (title) => `Your picture “${title}”`,
    kept: "Yours: it is kept in this browser only",
    untitled: "Untitled",
    photo: "Photo",
    insecureCamera: "The camera only opens on a secure page (https or localhost). Choose a picture instead.",
    cameraDenied: "The camera is not allowed. Allow it in the browser’s address bar, or choose a picture.",
    noCamera: "No camera was found. Choose a picture instead.",
    noCameraHere: "This browser has no camera: open the page in Safari or Chrome, or choose a picture.",
    cameraGone: "The camera is gone. Plug it in again, or choose a picture.",
    emptyFolder: "There is no picture in this folder. Choose one with jpeg, png, webp, gif or bmp files.",
    tooLarge: "This file is too large. Choose a picture of at most 256 MB.",
    unreadable: "This picture could not be read. Save it as JPEG and choose that.",
    lost: "Your pictures could not be reached. Reload the page.",
  },

  dropped: {
    /** @param {string} name @param {string[]} others */
    oneSound: (name, others) => `One sound is searched with at a time: ${name}. Left out: ${listed(others)}.`,
    /** @param {string[]} names */
    leftOut: (names) => `Left out: ${listed(names)}. Drop sounds, pictures, zips, tables or .hearsight files.`,
    /** @param {string[]} names */
    whichPicture: (names) => `Drop ${listed(names)} on the card of a photograph: press a photograph on the wall to get its card.`,
    /** @param {string[]} names */
    noSound: (names) => `Left out: ${listed(names)}. A card takes sounds.`,
  },

  offline: {
    keep: "Keep it for use without a network",
    look: "Look for a new version",
    /** @param {number} loaded @param {number} total in bytes */
    keeping: (loaded, total) => `Kept for use without a network: ${megabytes(loaded)} of ${megabytes(total)} MB`,
    ready: "Ready to work without a network.",
    full: "This browser has no room to keep the page for use without a network. With one it works as ever.",
    failed: "Not everything could be fetched. Check your connection and try again.",
    newer: "A new version of this page is ready.",
    load: "Load it now",
    later: "Later",
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
    seconds: (seconds) => `${fixed(seconds, 2)} s`,
    /** @param {number} above @param {number} all */
    aboveZero: (above, all) => `${above} of ${all}`,
    /** @param {[number, number][]} features number and value */
    strongest: (features) => features.map(([number, value]) => `${number}: ${fixed(value, 3)}`).join(", "),
  },

  errors: {
    noWebAssembly: "This browser cannot run WebAssembly. Open the page in a current Firefox, Chrome, Edge or Safari.",
    noSimd: "This browser is too old for fast WebAssembly. Update it, or open the page in a current Firefox, Chrome, Edge or Safari.",
    /** @param {string} what */
    fetch: (what) => `${what} could not be downloaded. Check your connection and try again.`,
    /** @param {string} what */
    damaged: (what) => `${what} arrived damaged. Try again, and reload the page if that does not help.`,
    noSystems: "The poster’s systems know the bundled photographs only, and this gallery is another one. Bring the bundled gallery back to compare.",
    program: "The program could not be started. Reload the page, or open it in another browser.",
    insecure: "The microphone only opens on a secure page (https or localhost). Choose a sound file instead.",
    noMicrophoneHere: "This browser has no microphone: open the page in Safari or Chrome, or choose a sound file.",
    late: "The microphone has not answered yet. Wait a moment; or press Stop, plug it in again and try once more.",
    ownTab: "Open it in its own tab",
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

  /** What has no sentence yet where it is raised: names of failures. What the engine raises brings its English sentence along. @type {Record<string, (details: any) => string>} */
  failures: {
    "lesson-lost": () => "The engine was started again and has no lesson. Press “Teach it now” once more.",
    "experiment-lost": () => "The engine was started again and this experiment is gone. Start it once more.",
    "heic-picture": () => "This browser does not know HEIC pictures. Open this page in Safari, or save the picture as JPEG; iPhones write JPEG with Settings, Camera, Formats, Most Compatible.",
    "file-gone": () => "This file could not be opened any more. Choose it again.",
    "storage-failed": () => "The browser’s storage did not answer. Reload the page and try again.",
    "storage-full": () => "The browser has no room left to keep this. It stays until you close the page; remove pictures to make room.",
    "not-lasting": () => "This browser keeps nothing for this page: your pictures stay until you close it.",
    "microphone-gone": () => "The microphone is gone. Plug it in or allow it again, and try once more.",
    "microphone-still": () => "The microphone gives no sound. Close other programs that use it, such as calls, and try again.",
    "microphone-muted": () => "The microphone is muted. Switch it on, at the device or in the system’s settings, and speak.",
    "frame-closed": ({ what }) => `This frame may not use the ${what === "camera" ? "camera" : "microphone"}: open the page in its own tab.`,
    "storage-newer": () => "What you kept here belongs to a newer version of this page, and is still there. Reload the page to get that version.",
  },
};
