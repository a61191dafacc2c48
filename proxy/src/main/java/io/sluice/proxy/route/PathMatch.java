package io.sluice.proxy.route;

/** How a route's path is compared with a request's. */
public enum PathMatch {
    /** The whole path is equal. */
    EXACT,
    /** The path begins with it, ending at a segment boundary: {@code /api} matches {@code /api} and {@code /api/x}, not {@code /apis}. */
    PREFIX
}
