package io.sluice.proxy.api;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** One route, with the keys of the settings file. */
public record RouteView(Origin origin, ObjectNode route) {}
