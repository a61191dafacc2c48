package io.sluice.service.admin;

import java.util.List;

/** What one client of an {@link EventStream} wants to see. Called with the stream's lock held: quick, and never calling the stream. */
public interface Subscription {
    /** Everything from now on, without a snapshot. */
    Subscription EVERYTHING = new Subscription() {};

    /** Whether the client gets {@code event}. */
    default boolean includes(ServerEvent event) {
        return true;
    }

    /** What the client gets first when it cannot be brought up to date from remembered events; the last id is where it goes on. */
    default List<ServerEvent> snapshot() {
        return List.of();
    }

    /** Whether {@code event} is the last there will ever be; the stream ends after it. */
    default boolean isLast(ServerEvent event) {
        return false;
    }

    /** Whether a client that has seen {@code lastEventId} (0: nothing) has seen all; it is answered 204, which stops browsers asking. */
    default boolean isComplete(long lastEventId) {
        return false;
    }
}
