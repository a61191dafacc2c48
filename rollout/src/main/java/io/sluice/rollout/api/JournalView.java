package io.sluice.rollout.api;

import java.util.List;

/**
 * Changes of one rollout, oldest first.
 *
 * @param startedAfter changes up to this sequence were made before the engine's last start and are not listed; the evidence has what they proved
 */
record JournalView(long startedAfter, List<ChangeView> changes) {}
