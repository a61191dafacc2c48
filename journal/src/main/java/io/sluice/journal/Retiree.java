package io.sluice.journal;

/** A file that is no longer needed; a damaged one is kept under another name for whoever wants to look into it. */
record Retiree(String name, long bytes, boolean damaged) {

    static final String DAMAGED_SUFFIX = ".damaged";

    static Retiree of(Segment segment) {
        return new Retiree(segment.name(), segment.bytes(), segment.isDamaged());
    }
}
