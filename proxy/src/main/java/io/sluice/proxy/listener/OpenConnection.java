package io.sluice.proxy.listener;

/** A client connection that counts, whatever is spoken on it. Used on its event loop. */
interface OpenConnection {
    /** Whether it has waited for the client for too long. */
    boolean isOverdue(long now);

    /** Refuses request bodies that come too slowly, after so much more time. */
    void refuseSlowBody(long nanos);

    /** Has its client go elsewhere with what it asks next, where there is a word for that; otherwise its next response says so. */
    default void announceEnd() {}

    /** Takes no further requests, when its client was told so long ago that none can be on its way; {@code now} as of {@link #isOverdue}. */
    default void endAsAnnounced(long now) {}

    /** Ends it now if nothing runs on it, otherwise as soon as what runs is over. */
    void endGracefully();

    /** Closes it as it is. */
    void closeNow();
}
