package io.sluice.journal;

/**
 * Receives what a journal holds while it is opened, on the opening thread: at most one snapshot, then the records after it in the
 * order of their sequence, with each gap between the records that surround it. Only a missing beginning is reported last. An
 * exception thrown from here makes the open fail and leaves the files readable as before.
 */
public interface Replay {

    /**
     * The newest readable snapshot.
     *
     * @param sequence the last record that the state contains, 0 if it was taken before the first one
     */
    void snapshot(long sequence, byte[] state);

    /** A record; sequences rise by one except across a gap. Records of one {@code appendAll} come all or not at all. */
    void record(long sequence, byte[] payload);

    /** Damage: one or more records (or a snapshot) that were once written cannot be read. A torn tail is no damage. */
    void gap(Gap gap);
}
