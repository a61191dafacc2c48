package io.sluice.proxy.balance;

import io.sluice.proxy.pool.Backend;
import java.util.Arrays;

/** The incarnations that one exchange has tried already. Belongs to one exchange and so to one thread at a time. */
public final class Tried {
    private static final Backend[] NOBODY = new Backend[0];

    private Backend[] backends = NOBODY;

    public void add(Backend backend) {
        if (!contains(backend)) {
            backends = Arrays.copyOf(backends, backends.length + 1);
            backends[backends.length - 1] = backend;
        }
    }

    public boolean contains(Backend backend) {
        for (Backend tried : backends) {
            if (tried == backend) {
                return true;
            }
        }
        return false;
    }

    public int count() {
        return backends.length;
    }
}
