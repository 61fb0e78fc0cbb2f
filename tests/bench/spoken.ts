/** The recordings that are spoken to the server: six voices that no starter model was trained on. */
export const SPOKEN = [
  "f5_day",
  "michael_timer",
  "andy_joke",
  "steph2_park",
  "grandpa_day",
  "m7_timer",
  "f5_joke",
  "michael_day",
  "andy_timer",
  "grandpa_joke",
];
