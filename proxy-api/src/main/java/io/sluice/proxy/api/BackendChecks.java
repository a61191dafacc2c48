package io.sluice.proxy.api;

import java.util.List;

/** The last checks of one backend, newest first. */
public record BackendChecks(String pool, String backend, List<CheckView> checks) {
    public BackendChecks {
        checks = List.copyOf(checks);
    }
}
