"""Files of real shops, written as a retailer would hand them over."""
