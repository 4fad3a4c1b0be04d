"""From desired state to rendered trees and commits, and to those who read them."""
