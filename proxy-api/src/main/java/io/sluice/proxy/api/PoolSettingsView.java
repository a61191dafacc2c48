package io.sluice.proxy.api;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** How a pool is set up, with the keys of the settings file. A {@code PUT} of the pool takes the same {@code settings}. */
public record PoolSettingsView(String pool, long revision, String bootId, Origin origin, ObjectNode settings) {}
