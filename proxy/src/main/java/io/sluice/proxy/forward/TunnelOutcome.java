package io.sluice.proxy.forward;

import java.util.Locale;

/** What ended a tunnel. */
public enum TunnelOutcome {
    /** One of those who talked through it. */
    ENDED,
    /** Nothing was passed on for too long. */
    IDLE,
    /** Its backend's drain, or this proxy's stop, had come to its deadline; a WebSocket was told so. */
    GOING_AWAY;

    /** For metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
