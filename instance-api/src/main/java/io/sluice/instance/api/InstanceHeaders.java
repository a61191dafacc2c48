package io.sluice.instance.api;

/** Headers with which an instance tells about itself. */
public final class InstanceHeaders {
    /** On every response: which instance answered. */
    public static final String INSTANCE_ID = "X-Instance-ID";

    /** On every response: the bundle hash of the running configuration. */
    public static final String CONFIG_HASH = "X-Config-Hash";

    /** On a 503: the instance vouches that it stored nothing, so the request may be sent elsewhere; the value says why. */
    public static final String NOT_ACCEPTED = "Webhook-Not-Accepted";

    /** On a 2xx: this delivery had been accepted before; the receipt is that of the first copy. */
    public static final String DUPLICATE = "Webhook-Duplicate";

    private InstanceHeaders() {}
}
