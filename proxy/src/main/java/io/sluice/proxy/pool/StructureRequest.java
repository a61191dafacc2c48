package io.sluice.proxy.pool;

import org.jspecify.annotations.Nullable;

/**
 * A change of which pools and routes there are, with who asks for it.
 *
 * @param precondition its revisions are those of the routes, or of the pool that is put or removed
 * @param epoch the caller's rollout epoch, absent when it has none
 * @param dryRun whether it is only to be looked at
 */
public record StructureRequest(
        StructureChange change,
        Precondition precondition,
        String author,
        String reason,
        @Nullable Long epoch,
        boolean dryRun) {}
