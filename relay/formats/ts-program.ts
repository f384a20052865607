/** Follows PAT and PMT: which programs there are, and which tracks the chosen one has. */

import { sameBytes } from './bytes.ts';
import { type Codec, codecOfStream, type Descriptor, languageOf } from './codecs.ts';
import type { Faults } from './faults.ts';
import { limits } from './limits.ts';
import {
  type PatEntry,
  parsePat,
  parsePmt,
  patPid,
  patTable,
  pmtTable,
  type PmtStream,
  type Section,
  SectionAssembler,
} from './ts-psi.ts';

/** One elementary stream. The same object stays as long as PID, type and descriptors stay. */
export interface TsTrack {
  readonly pid: number;
  readonly streamType: number;
  readonly codec: Codec;
  readonly language?: string;
  readonly descriptors: readonly Descriptor[];
}

export interface Program {
  readonly number: number;
  readonly pmtPid: number;
  readonly pcrPid: number;
  readonly version: number;
  readonly tracks: readonly TsTrack[];
  /** The other programs of the same stream. */
  readonly others: readonly number[];
}

export interface ProgramTrackerOptions {
  /** The program to follow; the lowest number where left away or not there. */
  readonly program?: number;
  readonly faults: Faults;
  readonly onProgram: (program: Program) => void;
}

/** Reads tables by content as well as by version: a restarted source may repeat a version number. */
export class ProgramTracker {
  readonly #options: ProgramTrackerOptions;
  readonly #pat: SectionAssembler;
  #pmt: SectionAssembler | undefined;
  #patSections = new Map<number, Section>();
  #entry: PatEntry | undefined;
  #entries: readonly PatEntry[] = [];
  #program: Program | undefined;
  #pmtSection: Section | undefined;

  constructor(options: ProgramTrackerOptions) {
    this.#options = options;
    this.#pat = new SectionAssembler(options.faults, (section) => this.#onPat(section));
  }

  get program(): Program | undefined {
    return this.#program;
  }

  /** The PID of the chosen program's PMT; -1 before the first PAT. */
  get pmtPid(): number {
    return this.#entry?.pmtPid ?? -1;
  }

  /** The sections in force, PAT sections in order; undefined before the first PMT. */
  get tables(): { readonly pat: readonly Section[]; readonly pmt: Section } | undefined {
    const pat = [...this.#patSections.values()].toSorted((a, b) => a.number - b.number);
    return this.#pmtSection && { pat, pmt: this.#pmtSection };
  }

  /** The assembler of a PID that carries PAT or the chosen PMT. */
  assemblerOf(pid: number): SectionAssembler | undefined {
    if (pid === patPid) return this.#pat;
    return pid === this.pmtPid ? this.#pmt : undefined;
  }

  #onPat(section: Section): void {
    if (section.tableId !== patTable || !section.current || section.number >= limits.patSections) return;
    if (this.#patSections.get(section.number)?.crc === section.crc) return;
    const kept = [...this.#patSections].filter(([number, old]) => isSibling(section, number, old));
    this.#patSections = new Map([...kept, [section.number, section]]);
    if (this.#patSections.size > section.lastNumber) this.#choose();
  }

  #choose(): void {
    const sections = [...this.#patSections.values()];
    this.#entries = sections.flatMap(parsePat).slice(0, limits.programs);
    const sorted = this.#entries.toSorted((a, b) => a.number - b.number);
    const chosen = sorted.find(({ number }) => number === this.#options.program) ?? sorted[0];
    if (chosen?.number === this.#entry?.number && chosen?.pmtPid === this.#entry?.pmtPid) return;
    this.#entry = chosen;
    this.#pmtSection = undefined;
    this.#pmt = new SectionAssembler(this.#options.faults, (section) => this.#onPmt(section));
  }

  #onPmt(section: Section): void {
    const entry = this.#entry;
    if (entry === undefined || section.tableId !== pmtTable || section.extension !== entry.number) return;
    if (!section.current || section.crc === this.#pmtSection?.crc) return;
    this.#pmtSection = section;
    const { pcrPid, streams } = parsePmt(section);
    const others = this.#entries.map(({ number }) => number).filter((number) => number !== entry.number);
    const tracks = streams.map((stream) => this.#track(stream));
    this.#program = { ...entry, pcrPid, version: section.version, tracks, others };
    this.#options.onProgram(this.#program);
  }

  #track(stream: PmtStream): TsTrack {
    const old = this.#program?.tracks.find((track) => sameStream(track, stream));
    if (old !== undefined) return old;
    const language = languageOf(stream.descriptors);
    const codec = codecOfStream(stream.streamType, stream.descriptors);
    return { ...stream, codec, ...(language !== undefined && { language }) };
  }
}

/** True for another section of the same PAT. */
const isSibling = (section: Section, number: number, old: Section): boolean =>
  number !== section.number && old.version === section.version && old.lastNumber === section.lastNumber;

const sameStream = (a: PmtStream, b: PmtStream): boolean =>
  a.pid === b.pid &&
  a.streamType === b.streamType &&
  a.descriptors.length === b.descriptors.length &&
  a.descriptors.every(({ tag, data }, i) => {
    const other = b.descriptors[i];
    return other?.tag === tag && sameBytes(data, other.data);
  });
