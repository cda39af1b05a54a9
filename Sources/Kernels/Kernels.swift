// The hot loops of the engine. With the C bridges, the only place with unsafe code.
