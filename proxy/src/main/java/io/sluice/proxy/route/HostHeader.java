package io.sluice.proxy.route;

/** Which {@code Host} a backend sees. */
public enum HostHeader {
    /** The client's. */
    CLIENT,
    /** The backend's own host:port. */
    BACKEND
}
