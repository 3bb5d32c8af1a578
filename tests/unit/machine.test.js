// The page's states, without a browser.
import assert from "node:assert/strict";
import test from "node:test";
import { Machine, TRANSITIONS } from "../../www/shell/machine.js";

const STATES = Object.keys(TRANSITIONS);
const HAPPENINGS = [...new Set(Object.values(TRANSITIONS).flatMap(Object.keys))];

/** The ways from loading to each state. */
const WAYS = {
  loading: [],
  preparing: ["arrived"],
  ready: ["arrived", "started"],
  listening: ["arrived", "started", "spoke"],
  searching: ["arrived", "started", "asked"],
  failed: ["failed"],
};

function machineIn(state) {
  const told = [];
  const machine = new Machine((...what) => told.push(what));
  for (const happening of WAYS[state]) assert.ok(machine.go(happening, ""));
  assert.equal(machine.state, state);
  told.length = 0;
  return { machine, told };
}

test("in each state only what can happen there does, and everybody is told once", () => {
  for (const state of STATES) {
    for (const happening of HAPPENINGS) {
      const { machine, told } = machineIn(state);
      const to = TRANSITIONS[state][happening];
      assert.equal(machine.go(happening, "a sentence"), to !== undefined, `${happening} while ${state}`);
      assert.equal(machine.state, to ?? state);
      assert.deepEqual(told, to ? [[to, "a sentence"]] : []);
    }
  }
});

test("every state is left in the end, and a lost engine is replaced in all but the first", () => {
  for (const state of STATES) {
    assert.ok(Object.values(TRANSITIONS[state]).some((to) => to !== state), state);
    if (state !== "loading") assert.equal(TRANSITIONS[state].restarted, "preparing", state);
  }
  assert.deepEqual(STATES.filter((state) => machineIn(state).machine.isUp), ["ready", "listening", "searching"]);
});

test("a microphone is let go however listening ends, and only then", () => {
  for (const happening of ["stopped", "cancelled", "restarted", "failed"]) {
    const { machine } = machineIn("ready");
    let closed = 0;
    const held = { leave: () => closed++ };
    machine.go("spoke", "", held);
    machine.go("opened", "");
    assert.deepEqual([machine.held, closed], [held, 0]);
    machine.go("answered", "cannot happen");
    assert.deepEqual([machine.held, closed], [held, 0]);
    machine.go(happening, "");
    assert.deepEqual([machine.held, closed], [null, 1], happening);
  }
});

test("what waits is done once, when it is ready, and the later of two", () => {
  const { machine } = machineIn("preparing");
  const done = [];
  machine.whenReady(() => done.push("first"));
  machine.whenReady(() => done.push("second"));
  assert.deepEqual(done, []);
  machine.go("started", "");
  assert.deepEqual(done, ["second"]);
  machine.go("asked", "");
  machine.go("answered", "");
  machine.whenReady(() => done.push("third"));
  assert.deepEqual(done, ["second", "third"]);
});

test("what waits may begin the next thing at once, after everybody was told of ready", () => {
  const told = [];
  const machine = new Machine((state) => told.push(state));
  machine.whenReady(() => machine.go("asked", ""));
  machine.go("arrived", "");
  machine.go("started", "");
  assert.deepEqual(told, ["preparing", "ready", "searching"]);
});
